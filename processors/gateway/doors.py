"""The doors of a tenant's own pages: what they show, and what they let change."""

from typing import Final

from processors.engine.clock import Clock
from processors.gateway.admin.changing import Changing, nothing_here
from processors.gateway.admin.influencers import Influencers
from processors.gateway.admin.platforms import Platforms
from processors.gateway.admin.saved_views import SavedViews
from processors.gateway.analytics import PATH as ANALYTICS
from processors.gateway.analytics.answering import Analytics
from processors.gateway.api import INFLUENCERS, SAVED_VIEWS
from processors.gateway.bound import Bound
from processors.gateway.exchange import Reply
from processors.gateway.keys import Key
from processors.gateway.outlet import Outlet
from processors.gateway.settings import GatewaySettings
from processors.gateway.terms import PLATFORMS

_AT_ONCE: Final = 2


class Doors:
    """Answers what is asked of them, and holds the connections that this takes."""

    def __init__(self, settings: GatewaySettings, *, outlet: Outlet, clock: Clock) -> None:
        self._editor = Bound(settings, "attributary_editor", at_once=_AT_ONCE)
        self._analytics = Analytics(settings, clock=clock)
        self._influencers = Influencers(
            analytics=self._analytics, editor=self._editor, outlet=outlet, clock=clock
        )
        self._saved_views = SavedViews(editor=self._editor)
        self._platforms = Platforms(settings, analytics=self._analytics, clock=clock)

    async def answer(self, key: Key, method: str, path: str, query: bytes, body: bytes) -> Reply:
        """What comes of a request of a key that may make it.

        Raises:
            Problem: whatever the door refuses it for.
        """
        for start, answer in (
            (PLATFORMS, self._platforms.answer),
            (INFLUENCERS, self._influencers.answer),
            (SAVED_VIEWS, self._saved_views.answer),
            (ANALYTICS, self._shown),
        ):
            if path == start or path.startswith(f"{start}/"):
                change = Changing.of(key, method, path.removeprefix(start), query, body)
                return await answer(change)
        raise nothing_here()

    async def close(self) -> None:
        """Close the connections."""
        for held in (self._editor, self._analytics, self._platforms):
            await held.close()

    async def _shown(self, asked: Changing) -> Reply:
        if asked.method != "GET":
            raise nothing_here()
        if not asked.rest:
            return Reply(200, await self._analytics.listed(asked.tenant))
        return Reply(200, await self._analytics.view(asked.tenant, asked.rest, asked.query))
