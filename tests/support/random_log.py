"""Logs that are made to hurt: few events a person, shared ids, merges, contradictions, corrections.

Records are what the gateway would have produced (marketing already read from the URL, ids that
mean something, order ids normalised), so every record is valid, and all effects are defined.
The same `Random` makes the same log; the order in which records arrive is drawn too.
"""

import random
from collections.abc import Iterable
from dataclasses import dataclass

from schemas.envelope import Frozen
from schemas.order import Order
from schemas.spend import Spend
from schemas.touchpoint import Touchpoint
from tests.support.random_commands import commands
from tests.support.random_events import events, touchpoints
from tests.support.random_orders import given_back, orders, purchases
from tests.support.random_people import START, World
from tests.support.random_restated import advertised, restated
from tests.support.random_spend import spend
from tests.support.random_surveys import surveys
from tests.support.random_uploads import uploads

Arrival = list[tuple[str, Frozen]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much of each there is, for each tenant."""

    tenants: int = 2
    visitors: int = 50
    customers: int = 35
    touches: int = 60
    events: int = 40
    orders: int = 25
    commands: int = 15
    purchases: int = 15
    spend: int = 10
    surveys: int = 8
    uploads: int = 4
    days: int = 120
    start: int = START
    prefix: str = "tenant"
    calm: bool = False
    """True: few shared ids and no commands that split people, as in a shop's normal day."""


def random_log(rng: random.Random, size: Size = Size()) -> Arrival:
    """(topic, record) pairs in an order of arrival in which anything may be late."""
    log: Arrival = []
    for n in range(size.tenants):
        world = World(
            rng, tenant=f"{size.prefix}-{n}", visitors=size.visitors, customers=size.customers,
            days=size.days, calm=size.calm, start=size.start,
        )  # fmt: skip
        # Orders first: touches are drawn near to them.
        log += [("orders.v1", r) for r in orders(world, size.orders)]
        log += [("touchpoints.v1", r) for r in touchpoints(world, size.touches)]
        log += [("pixel_events.v1", r) for r in events(world, size.events)]
        log += [
            ("pixel_events.v1", r) for r in purchases(world, size.purchases, orders=size.orders)
        ]
        log += [("pixel_events.v1", r) for r in surveys(world, size.surveys, orders=size.orders)]
        log += [("commands.v1", r) for r in commands(world, size.commands)]
        log += [("spend.v1", r) for r in spend(world, size.spend)]
        for row in uploads(world, size.uploads):
            log.append(("orders.v1" if isinstance(row, Order) else "commands.v1", row))
    log += redelivered(rng, log)
    rng.shuffle(log)
    _put("orders.v1", given_back([r for _, r in log if isinstance(r, Order)]), log)
    _put("spend.v1", advertised([r for _, r in log if isinstance(r, Touchpoint)]), log)
    _put("spend.v1", restated([r for _, r in log if isinstance(r, Spend)]), log)
    return log


def _put(topic: str, records: Iterable[Frozen], log: Arrival) -> None:
    """Anywhere into the log; what else is drawn does not depend on it."""
    for record in records:
        place = random.Random(record.model_dump_json()).randrange(len(log) + 1)
        log.insert(place, (topic, record))


def redelivered(rng: random.Random, log: Arrival, *, share: float = 0.1) -> Arrival:
    """Some records once more: the same bytes, or the same content received again later."""
    again: Arrival = []
    for topic, record in rng.sample(log, round(len(log) * share)):
        later = getattr(record, "received_at") + rng.choice([0, 1, 60_000, 86_400_000])  # noqa: B009
        again.append((topic, record.model_copy(update={"received_at": later})))
    return again
