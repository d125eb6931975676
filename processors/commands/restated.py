"""How often conversions were looked at again, and how often that was one time too many: the counts
that tell a storm of restatements from a quiet day. Part of `lag`."""

from dataclasses import asdict, dataclass
from typing import Any, Final

import sql
from processors.engine.postgres import Database

QUERIES: Final = sql.load("operations")


@dataclass(frozen=True, slots=True, kw_only=True)
class Restated:
    """Since the database was made. A pointer asks for a look at a conversion; credit answers it,
    or skips it when it has answered a later one; summary applies an answer, or finds it stale."""

    conversions: int
    due: int
    pointers: int
    answered: int
    credits: int
    applied: int

    def each(self, count: int) -> float:
        """The count for one conversion."""
        return round(count / self.conversions, 2) if self.conversions else 0.0


async def restated(*, db: Database) -> Restated:
    """Ask the database once."""
    async with db.connection() as conn:
        row = await conn.fetchrow(QUERIES["restated"])
    assert row is not None
    return Restated(**dict(row.items()))


def render(found: Restated) -> str:
    """A line."""
    return (
        f"{found.conversions:,} conversions, {found.due:,} to be looked at again; for each "
        f"{found.each(found.pointers)} pointers, {found.each(found.answered)} credited, "
        f"{found.each(found.applied)} restatements of the summary"
    )


def as_json(found: Restated) -> dict[str, Any]:
    """The same for a program."""
    return asdict(found)
