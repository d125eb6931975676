"""`person ID`: everything that is joined to one id, by which record, and what is cut and why."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Final

import sql
from processors.commands.joints import Joints, joints_of
from processors.commands.nodes import candidates
from processors.engine.postgres import Connection, Database, Row

QUERIES: Final = sql.load("operations")


@dataclass(frozen=True, kw_only=True)
class Cut:
    """An operator's command that takes two ids apart, and what was said of it."""

    at: datetime
    reason: str | None


@dataclass(frozen=True, kw_only=True)
class Person:
    """The graph around one id. `quarantine` is set when the id is shared by too many, and stands
    for itself alone."""

    tenant: str
    asked: str
    person_id: str
    ids: tuple[str, ...]
    counts: Mapping[str, int]
    joints: Joints
    unlinks: Mapping[tuple[str, str], Cut]
    quarantine: Mapping[str, int] | None


async def person(text: str, *, db: Database, tenant: str) -> tuple[Person, ...]:
    """The people whom the id names: several when it is a value of several kinds, else one; none
    when nobody has sent it.

    Raises:
        Refused: for an id that cannot be one.
    """
    async with db.transaction(isolation="repeatable_read", readonly=True) as conn:
        rows = await conn.fetch(QUERIES["ids_named"], tenant, candidates(text))
        people: dict[str, Row] = {}
        for row in rows:
            people.setdefault(row["person_id"], row)
        return tuple([await _person(conn, tenant, row) for row in people.values()])


async def _person(conn: Connection, tenant: str, row: Row) -> Person:
    name = row["person_id"]
    ids = await conn.fetch(QUERIES["person_ids"], tenant, name)
    counts = await conn.fetchrow(QUERIES["person_counts"], tenant, name)
    quarantine = await conn.fetchrow(QUERIES["quarantine_of"], tenant, row["node"])
    unlinks = await conn.fetch(QUERIES["person_unlinks"], tenant, name)
    return Person(
        tenant=tenant,
        asked=row["node"],
        person_id=name,
        ids=tuple(found["node"] for found in ids),
        counts=dict(counts.items()) if counts else {},
        joints=await joints_of(conn, tenant, name),
        unlinks={
            (found["a"], found["b"]): Cut(at=_moment(found["issued_at"]), reason=found["reason"])
            for found in unlinks
        },
        quarantine=dict(quarantine.items()) if quarantine else None,
    )


def _moment(ms: int) -> datetime:
    return datetime.fromtimestamp(ms // 1000, UTC)


def as_json(found: Sequence[Person]) -> list[dict[str, Any]]:
    """The people for a program."""
    return [
        {
            "tenant_id": one.tenant,
            "asked": one.asked,
            "person_id": one.person_id,
            "ids": list(one.ids),
            "counts": dict(one.counts),
            "joined": [asdict(joint) for joint in one.joints.joined],
            "cut": [asdict(joint) for joint in one.joints.cut],
            "cut_total": one.joints.cut_total,
            "unlinks": [
                {"a": a, "b": b, "at": cut.at.isoformat(), "reason": cut.reason}
                for (a, b), cut in one.unlinks.items()
            ],
            "quarantine": one.quarantine,
        }
        for one in found
    ]
