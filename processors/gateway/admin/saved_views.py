"""`/api/v1/creatives/views`: how a tenant's people like to look at their creatives."""

from collections.abc import Mapping
from typing import Any, Final

from processors.domain.short_names import short_name
from processors.engine.postgres import Connection
from processors.gateway.admin import said, saved_view
from processors.gateway.admin.changing import Changing, nothing_here
from processors.gateway.admin.saved_view import SavedView, Unusable
from processors.gateway.analytics.answering import dumped
from processors.gateway.bound import Bound
from processors.gateway.exchange import Reply
from processors.gateway.refusal import Problem

_FIELDS: Final = ("name", "filters", "columns", "sort")
_SECONDS: Final = 5.0


class SavedViews:
    """Keeps them, each tenant's apart."""

    def __init__(self, *, editor: Bound) -> None:
        self._editor = editor

    async def answer(self, change: Changing) -> Reply:
        """What comes of a request.

        Raises:
            Problem: 404 for one that is not there, 409 for one that is, 422 by field.
        """
        tenant, own = change.tenant, change.rest
        reads = change.method == "GET"
        async with self._editor.transaction(tenant, seconds=_SECONDS, readonly=reads) as conn:
            match change.method:
                case "GET":
                    found = await saved_view.kept(conn, tenant, own or None)
                    if own and not found:
                        raise said.unknown("saved view")
                    shown = [view.as_json() for view in found]
                    return Reply(200, dumped(shown[0] if own else {"views": shown}))
                case "POST" if not own:
                    return Reply(201, dumped(await _add(conn, change)))
                case "PATCH" if own:
                    return Reply(200, dumped(await _change(conn, change)))
                case "DELETE" if own:
                    if not await saved_view.drop(conn, tenant, own):
                        raise said.unknown("saved view")
                    await change.note(conn, "creative_view_remove", view_id=own)
                    return Reply(200, dumped({"view_id": own, "removed": True}))
        raise nothing_here()


async def _add(conn: Connection, change: Changing) -> dict[str, Any]:
    told = said.fields(change.body, ("view_id", *_FIELDS))
    own = said.text(told, "view_id") if "view_id" in told else short_name(said.text(told, "name"))
    if not own:
        raise said.refused("name", "needs a letter or a digit; or say view_id")
    made = _of({"filters": {}, "columns": [], "sort": "", **told}, own, change.by)
    if not await _keep(conn, change, made, anew=True):
        raise Problem(409, "exists", f"saved view {own} is there")
    return await _noted(conn, change, "creative_view_add", own)


async def _change(conn: Connection, change: Changing) -> dict[str, Any]:
    told = said.fields(change.body, _FIELDS)
    if not await saved_view.hold(conn, change.tenant, change.rest):
        raise said.unknown("saved view")
    (now,) = await saved_view.kept(conn, change.tenant, change.rest)
    made = _of({**now.as_json(), **told}, change.rest, now.created_by)
    await _keep(conn, change, made, anew=False)
    return await _noted(conn, change, "creative_view_change", change.rest)


async def _keep(conn: Connection, change: Changing, view: SavedView, *, anew: bool) -> bool:
    try:
        return await saved_view.keep(conn, change.tenant, view, anew=anew)
    except Unusable as error:
        raise said.refused(error.field, error.why) from None


async def _noted(conn: Connection, change: Changing, action: str, own: str) -> dict[str, Any]:
    await change.note(conn, action, view_id=own)
    (view,) = await saved_view.kept(conn, change.tenant, own)
    return view.as_json()


def _of(told: Mapping[str, Any], own: str, by: str) -> SavedView:
    """What is told, each of its own kind; what it says is judged when it is kept."""
    filters, columns, sort = told["filters"], told["columns"], told["sort"]
    if not isinstance(filters, dict):
        raise said.refused("filters", "must be an object of columns and values")
    if not isinstance(columns, list) or not all(isinstance(name, str) for name in columns):
        raise said.refused("columns", "must be a list of columns")
    if not isinstance(sort, str):
        raise said.refused("sort", "must be a column, with - before it for the greatest first")
    return SavedView(
        view_id=own,
        name=said.text(told, "name"),
        filters=filters,
        columns=tuple(columns),
        sort=sort,
        created_by=by,
    )
