"""`export ID`: everything that is held of a person, as one JSON document.

A statement a kind of data, read as a stream from one snapshot, so that somebody with very much of
it costs no memory; what is sealed for them is opened in its place. Dead letters and refusals are
read from their topics. What is sealed for several people is not opened: it is not theirs alone.
"""

import base64
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import IO, Any, Final

import sql
from processors.commands.nodes import candidates
from processors.commands.operator import OperatorSettings, Refused, database, must_exist
from processors.domain.ids import subject_id
from processors.engine.clock import wall_clock
from processors.engine.cluster import Cluster
from processors.engine.codec import decode
from processors.engine.postgres import Connection, stream
from processors.engine.sealing import CannotOpen, Name, Sealer, names_of
from processors.gateway.quarantine import TOPIC as REFUSED
from schemas.dead_letter import DeadLetter
from schemas.joining import JOINING, VISITOR
from schemas.refused_item import RefusedItem
from schemas.topics import DEAD_LETTERS

QUERIES: Final = sql.load("export")
OPERATIONS: Final = sql.load("operations")
OPERATOR: Final = sql.load("operator")
TABLES: Final = (
    "touchpoints", "pixel_events", "orders", "conversions", "credit", "journeys", "survey_answers",
    "links", "unlinks", "consent", "predictions", "deliveries",
)  # fmt: skip
"""Kinds of data, by the query that reads them."""

_SEALED: Final = "sealed"


@dataclass(slots=True)
class Exported:
    """How much of each kind."""

    tenant_id: str
    ids: list[str]
    counts: dict[str, int] = field(default_factory=dict)


async def export(text: str, *, tenant: str, out: IO[str]) -> Exported | None:
    """Write the document; None, and nothing is written, when nobody has the id.

    Raises:
        Refused: for an id that cannot be one, or that is of several people.
    """
    sealer = Sealer.from_environment()
    async with database() as db:
        async with db.connection() as conn:
            await must_exist(conn, tenant)
            ids = await _ids(conn, tenant, text)
            if not ids:
                return None
            asked = json.dumps({"subject": subject_id(tenant, ids[0]), "ids": len(ids)})
            await conn.execute(OPERATOR["audit"], tenant, "export", asked)
        done = Exported(tenant, ids)
        async with db.transaction(isolation="repeatable_read", readonly=True) as conn:
            subjects = [subject_id(tenant, node) for node in ids]
            rows = await conn.fetch(QUERIES["keys"], tenant, subjects)
            keys = {(row["subject"], row["key_id"]): row["key"] for row in rows}
            opener = Opener(sealer, tenant, keys)
            head = {
                "tenant_id": tenant,
                "exported_at": datetime.fromtimestamp(wall_clock() / 1000, UTC).isoformat(),
                "ids": ids,
            }
            out.write(json.dumps(head)[:-1])
            for name in TABLES:
                done.counts[name] = await _write(out, name, _rows(conn, name, tenant, ids), opener)
        for name, found in (("dead_letters", _letters), ("refused", _refused)):
            done.counts[name] = await _write(out, name, found(tenant, {*ids}, opener), opener)
        out.write("}\n")
    return done


class Opener:
    """Opens what is sealed for the person, wherever it stands in a document."""

    def __init__(self, sealer: Sealer, tenant: str, keys: Mapping[Name, bytes]) -> None:
        self._sealer = sealer
        self._tenant = tenant
        self._keys = keys

    def holds(self, sealed: str | None) -> bool:
        """Whether it is sealed for them, and nobody else."""
        names = names_of(sealed or "")
        return bool(names) and all(name in self._keys for name in names)

    def opened(self, value: Any) -> Any:
        """The same, with what can be opened in the place of what is sealed."""
        if isinstance(value, dict):
            return {
                name: self._text(inner)
                if name == _SEALED and isinstance(inner, str)
                else self.opened(inner)
                for name, inner in value.items()
            }
        if isinstance(value, list):
            return [self.opened(inner) for inner in value]
        return value

    def _text(self, sealed: str) -> Any:
        try:
            return self._sealer.open(self._tenant, sealed, self._keys)
        except CannotOpen:
            return sealed


async def _ids(conn: Connection, tenant: str, text: str) -> list[str]:
    rows = await conn.fetch(OPERATIONS["ids_named"], tenant, candidates(text))
    people = {row["person_id"] for row in rows}
    if len(people) > 1:
        raise Refused(f"{text} is of several people: {', '.join(row['node'] for row in rows)}")
    if not people:
        return []
    own = await conn.fetch(OPERATIONS["person_ids"], tenant, people.pop())
    return [row["node"] for row in own]


async def _rows(conn: Connection, name: str, tenant: str, ids: Sequence[str]) -> AsyncIterator[Any]:
    async for row in stream(conn, QUERIES[name], tenant, ids):
        yield json.loads(next(iter(row.values())))


async def _write(out: IO[str], name: str, rows: AsyncIterator[Any], opener: Opener) -> int:
    out.write(f",\n{json.dumps(name)}: [")
    count = 0
    async for row in rows:
        out.write(",\n" if count else "\n")
        out.write(json.dumps(opener.opened(row)))
        count += 1
    out.write("]")
    return count


async def _letters(tenant: str, ids: set[str], _opener: Opener) -> AsyncIterator[Any]:
    """Records of theirs that could not be applied."""
    settings = OperatorSettings.load()
    async with Cluster(settings.kafka_bootstrap_servers, prefix=settings.topic_prefix) as cluster:
        for name in DEAD_LETTERS:
            async for message in cluster.read_topic(name):
                letter = decode(message).value
                if not isinstance(letter, DeadLetter) or letter.value is None:
                    continue
                record = _json(base64.b64decode(letter.value))
                if record.get("tenant_id") == tenant and not ids.isdisjoint(_nodes(record)):
                    told = letter.model_dump(mode="json", exclude={"key", "value"})
                    yield {**told, "record": record}


async def _refused(tenant: str, _ids: set[str], opener: Opener) -> AsyncIterator[Any]:
    """What the gateway refused and kept, as far as it is theirs alone."""
    settings = OperatorSettings.load()
    async with Cluster(settings.kafka_bootstrap_servers, prefix=settings.topic_prefix) as cluster:
        async for message in cluster.read_topic(REFUSED):
            item = decode(message).value
            if not isinstance(item, RefusedItem) or item.tenant_id != tenant:
                continue
            if opener.holds(item.sealed):
                yield item.model_dump(mode="json")


def _json(value: bytes) -> dict[str, Any]:
    try:
        found = json.loads(value)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _nodes(record: Mapping[str, Any]) -> set[str]:
    """The ids of a record that no model may have taken; of a delivery or a stitched event, too."""
    inner = record.get("event")
    said = inner if isinstance(inner, dict) else record
    ids = said.get("identifiers")
    named = ids if isinstance(ids, dict) else {}
    found = {f"{kind}:{named[name]}" for kind, name in JOINING if named.get(name)}
    if said.get("visitor_id"):
        found.add(f"{VISITOR}:{said['visitor_id']}")
    return found
