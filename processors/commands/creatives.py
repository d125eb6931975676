"""`creative save`, `list`, `drop`: ways of looking at creatives that somebody keeps, of which the
columns are those of `creative_performance`. `/api/v1/creatives/views` does the same by the same."""

from collections.abc import Sequence

from processors.commands.operator import Refused, database, must_exist
from processors.gateway.admin import saved_view
from processors.gateway.admin.saved_view import SavedView, Unusable

__all__ = ["SavedView", "drop", "save", "saved"]


async def save(tenant: str, view: SavedView) -> None:
    """Keep it, in the place of one of the same id.

    Raises:
        Refused: naming a field that cannot be kept.
    """
    async with database() as db, db.transaction() as conn:
        await must_exist(conn, tenant)
        try:
            await saved_view.keep(conn, tenant, view, anew=False)
        except Unusable as error:
            raise Refused(str(error)) from None


async def saved(tenant: str) -> Sequence[SavedView]:
    """The tenant's, by id."""
    async with database() as db, db.connection() as conn:
        await must_exist(conn, tenant)
        return await saved_view.kept(conn, tenant)


async def drop(tenant: str, view_id: str) -> None:
    """Forget it.

    Raises:
        Refused: if there is none.
    """
    async with database() as db, db.transaction() as conn:
        if not await saved_view.drop(conn, tenant, view_id):
            raise Refused(f"{tenant} has no view {view_id} of creatives")
