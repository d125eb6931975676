"""Erasures at any place of a random log, of what its records carry."""

import random

from processors.domain.ids import subject_id
from schemas.command import Command, Erase
from tests.oracle.nodes import nodes
from tests.support.random_log import Arrival

CARRIERS = ("touchpoints.v1", "pixel_events.v1", "orders.v1")


def plain(log: Arrival) -> Arrival:
    """One content of each event id: of two that are received after an erasure, only the one that
    stands keeps its ids joined."""
    first: dict[tuple[str, str], str] = {}
    kept: Arrival = []
    for topic, record in log:
        if topic in CARRIERS[:2]:
            said = record.model_dump(include={"tenant_id", "event_id", "content_hash"})
            key = said["tenant_id"], said["event_id"]
            if first.setdefault(key, said["content_hash"]) != said["content_hash"]:
                continue
        kept.append((topic, record))
    return kept


def random_erasures(rng: random.Random, log: Arrival) -> Arrival:
    """The log with one to three erasures of what two records carry, at the time of another."""
    carriers = [record.model_dump(mode="json") for topic, record in log if topic in CARRIERS]
    found: Arrival = []
    for n in range(rng.choice([1, 2, 3])):
        some = rng.sample(carriers, 2)
        tenant, at = some[0]["tenant_id"], rng.choice(carriers)["received_at"] + n
        subjects = {subject_id(tenant, name) for record in some for name in nodes(record)}
        if subjects:
            body = Erase(erased_at=at, subjects=tuple(sorted(subjects)))
            record = Command(
                tenant_id=tenant, command_id=f"erase-{n}", issued_at=at, received_at=at, body=body
            )
            found.append(("commands.v1", record))
    return [*log, *found]
