"""What Google's ads show, by GAQL: texts and pages of every ad that is not removed, and the picture
of image ads.

A responsive ad is put together by Google; the first of its headlines and descriptions stand. Its
pictures and videos are assets of their own, which this does not ask for, and Performance Max has
no ads. (google.ads.googleads: AdGroupAd, Ad, AdTypeEnum, ResponsiveSearchAdInfo,
ResponsiveDisplayAdInfo, ExpandedTextAdInfo, ImageAdInfo.)
"""

from collections.abc import AsyncIterator
from typing import ClassVar, Final, Self

from processors.engine.clock import Clock
from processors.platforms import measures
from processors.platforms.assets import Asset, Kind, first_address, first_text
from processors.platforms.base import Account
from processors.platforms.google_ads.clients import clients
from processors.platforms.google_ads.search import Row, Search, at, select
from processors.platforms.google_ads.settings import GoogleAdsSettings
from processors.platforms.reading import ReadingSettings
from schemas.delivery import Platform

_AD: Final = "ad_group_ad.ad"
_SEARCH: Final = f"{_AD}.responsive_search_ad"
_DISPLAY: Final = f"{_AD}.responsive_display_ad"
_EXPANDED: Final = f"{_AD}.expanded_text_ad"
_PICTURE: Final = f"{_AD}.image_ad.image_url"
_FIELDS: Final = (
    "campaign.id", f"{_AD}.id", f"{_AD}.name", f"{_AD}.type", f"{_AD}.final_urls",
    f"{_SEARCH}.headlines", f"{_SEARCH}.descriptions", f"{_DISPLAY}.headlines",
    f"{_DISPLAY}.descriptions", f"{_EXPANDED}.headline_part1", f"{_EXPANDED}.description", _PICTURE,
)  # fmt: skip
QUERY: Final = select(
    _FIELDS, "ad_group_ad", where="ad_group_ad.status != 'REMOVED'", order=f"{_AD}.id"
)
_TITLES: Final = (f"{_SEARCH}.headlines", f"{_DISPLAY}.headlines", f"{_EXPANDED}.headline_part1")
_BODIES: Final = (f"{_SEARCH}.descriptions", f"{_DISPLAY}.descriptions", f"{_EXPANDED}.description")
_TYPES: Final[dict[str, Kind]] = {
    "RESPONSIVE_SEARCH_AD": "dynamic",
    "RESPONSIVE_DISPLAY_AD": "dynamic",
    "EXPANDED_TEXT_AD": "text",
    "TEXT_AD": "text",
    "IMAGE_AD": "image",
}


class GoogleAssets:
    """A reader of ads."""

    platform: ClassVar[str] = "google"
    connection: ClassVar[Platform | str] = "google_ads"

    def __init__(
        self, settings: GoogleAdsSettings, reading: ReadingSettings, *, clock: Clock
    ) -> None:
        self._search = Search(settings, reading, clock=clock)

    @classmethod
    def load(cls, reading: ReadingSettings, clock: Clock, /) -> Self:
        """With the settings of the environment."""
        return cls(GoogleAdsSettings.load(), reading, clock=clock)

    async def assets(self, account: Account) -> AsyncIterator[list[Asset]]:
        """As `assets.AssetReader` says."""
        async for rows in self._search.pages(account, QUERY):
            yield [_asset(row) for row in rows]

    async def clients(self, account: Account) -> list[Account]:
        """As `spending.Manages` says: those that a manager manages."""
        return await clients(self._search, account)

    async def close(self) -> None:
        """Close the connections."""
        await self._search.close()


def _asset(row: Row) -> Asset:
    told = {name: at(row, name) for name in _FIELDS}
    kind = measures.text(told, f"{_AD}.type") or ""
    pages = told[f"{_AD}.final_urls"]
    return Asset(
        ad_id=measures.identity(told, f"{_AD}.id"),
        ad=measures.text(told, f"{_AD}.name"),
        campaign_id=measures.text(told, "campaign.id"),
        type=_TYPES.get(kind, "video" if "VIDEO" in kind else "other"),
        title=first_text(_first(told[name]) for name in _TITLES),
        body=first_text(_first(told[name]) for name in _BODIES),
        thumbnail_url=first_address([told[_PICTURE]]),
        landing_page=first_address(pages if isinstance(pages, list) else ()),
    )


def _first(told: object) -> object:
    """A text, or the first of several as Google has them: {"text": "..."}."""
    if not isinstance(told, list):
        return told
    return told[0].get("text") if told and isinstance(told[0], dict) else None
