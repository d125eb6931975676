"""`creative save`, `list`, `drop`: ways of looking at creatives that somebody keeps, of which the
columns are those of `creative_performance`."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sql
from processors.commands.operator import Refused, database, must_exist

QUERIES: Final = sql.load("creatives")


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedView:
    """Filters are columns and the values that they must have; `sort` is a column, with a minus
    before it for the greatest first."""

    view_id: str
    name: str
    filters: dict[str, Any]
    columns: tuple[str, ...]
    sort: str
    created_by: str
    updated_at: datetime | None = None

    def as_json(self) -> dict[str, Any]:
        """As a JSON object."""
        at = self.updated_at
        return {
            "view_id": self.view_id,
            "name": self.name,
            "filters": self.filters,
            "columns": list(self.columns),
            "sort": self.sort,
            "created_by": self.created_by,
            "updated_at": None if at is None else at.isoformat(),
        }


async def save(tenant: str, view: SavedView) -> None:
    """Keep it, in the place of one of the same id.

    Raises:
        Refused: naming a column that creative_performance does not have.
    """
    async with database() as db, db.transaction() as conn:
        await must_exist(conn, tenant)
        known = {row["name"] for row in await conn.fetch(QUERIES["shown_columns"])}
        named = [*view.columns, *view.filters, *filter(None, [view.sort.removeprefix("-")])]
        if unknown := sorted(set(named) - known):
            raise Refused(f"creative_performance has no {', '.join(unknown)}")
        if not view.columns:
            raise Refused("name a column at least")
        await conn.execute(
            QUERIES["save_view"], tenant, view.view_id, view.name, json.dumps(view.filters),
            list(view.columns), view.sort, view.created_by,
        )  # fmt: skip


async def saved(tenant: str) -> Sequence[SavedView]:
    """The tenant's, by id."""
    async with database() as db, db.connection() as conn:
        await must_exist(conn, tenant)
        rows = await conn.fetch(QUERIES["saved_views"], tenant)
    return [
        SavedView(
            view_id=row["view_id"],
            name=row["name"],
            filters=json.loads(row["filters"]),
            columns=tuple(row["columns"]),
            sort=row["sort"],
            created_by=row["created_by"],
            updated_at=row["updated_at"],
        )
        for row in rows
    ]


async def drop(tenant: str, view_id: str) -> None:
    """Forget it.

    Raises:
        Refused: if there is none.
    """
    async with database() as db, db.transaction() as conn:
        if await conn.fetchval(QUERIES["drop_view"], tenant, view_id) is None:
            raise Refused(f"{tenant} has no view {view_id} of creatives")
