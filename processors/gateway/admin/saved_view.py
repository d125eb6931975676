"""A way of looking at creatives that somebody keeps, told over HTTP or by the operator's command:
one form, one set of rules, one set of queries."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson

import sql
from processors.engine.postgres import Connection

QUERIES: Final = sql.load("creatives")

_ID: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_LONGEST: Final = 256
_MOST: Final = 100


class Unusable(ValueError):
    """A field that cannot be kept, and why."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(f"{field}: {why}")
        self.field = field
        self.why = why


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedView:
    """Filters are columns and the value that each must have, or a list of values; `sort` is a
    column, with a minus before it for the greatest first, or empty."""

    view_id: str
    name: str
    filters: Mapping[str, Any]
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
            "filters": dict(self.filters),
            "columns": list(self.columns),
            "sort": self.sort,
            "created_by": self.created_by,
            "updated_at": None if at is None else at.isoformat(),
        }


async def keep(conn: Connection, tenant: str, view: SavedView, *, anew: bool) -> bool:
    """Keep it; in the place of one of the same id, unless it is to be a new one.

    Returns:
        Whether it is kept: not if it was to be new and one of its id is there.

    Raises:
        Unusable: naming the field, such as a column that creative_performance does not have.
    """
    _check(view, {row["name"] for row in await conn.fetch(QUERIES["shown_columns"])})
    kept = await conn.fetchval(
        QUERIES["save_view"], tenant, view.view_id, view.name, orjson.dumps(view.filters).decode(),
        list(view.columns), view.sort, view.created_by, not anew,
    )  # fmt: skip
    return kept is not None


async def kept(conn: Connection, tenant: str, view_id: str | None = None) -> list[SavedView]:
    """The tenant's, by id, or the one of this id."""
    rows = await conn.fetch(QUERIES["saved_views"], tenant, view_id)
    return [
        SavedView(
            view_id=row["view_id"],
            name=row["name"],
            filters=orjson.loads(row["filters"]),
            columns=tuple(row["columns"]),
            sort=row["sort"],
            created_by=row["created_by"],
            updated_at=row["updated_at"],
        )
        for row in rows
    ]


async def hold(conn: Connection, tenant: str, view_id: str) -> bool:
    """Keep it from others until the transaction ends; false if there is none."""
    return await conn.fetchval(QUERIES["hold_view"], tenant, view_id) is not None


async def drop(conn: Connection, tenant: str, view_id: str) -> bool:
    """Forget it; false if there is none."""
    return await conn.fetchval(QUERIES["drop_view"], tenant, view_id) is not None


def _check(view: SavedView, known: set[str]) -> None:
    if not _ID.fullmatch(view.view_id):
        raise Unusable("view_id", "must be of a-z, 0-9, _ and -, 63 at most")
    if not _is_text(view.name) or not view.name.strip():
        raise Unusable("name", f"must be a text of {_LONGEST} characters at most")
    for field, names in (
        ("columns", view.columns),
        ("filters", view.filters),
        ("sort", filter(None, [view.sort.removeprefix("-")])),
    ):
        _are_columns(field, names, known)
    if not view.columns:
        raise Unusable("columns", "name a column at least")
    for name, value in view.filters.items():
        several = value if isinstance(value, list) else [value]
        if not 0 < len(several) <= _MOST or not all(map(_is_plain, several)):
            raise Unusable(f"filters.{name}", "must be a text, a number, true, false or a list")


def _are_columns(field: str, names: Iterable[str], known: set[str]) -> None:
    named = list(names)
    if unknown := sorted({name[:60] for name in named if name not in known}):
        raise Unusable(field, f"creative_performance has no {', '.join(unknown[:5])}")
    if len(named) > _MOST:
        raise Unusable(field, f"{_MOST} at most")


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= _LONGEST and "\0" not in value


def _is_plain(value: Any) -> bool:
    return _is_text(value) or isinstance(value, bool | int | float)
