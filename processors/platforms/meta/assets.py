"""What Meta's ads show: the creatives of an ad account's ads (`act_{id}/ads`).

A creative tells the same in several places: those of its own (`title`, `body`), those of the post
that it makes (`object_story_spec`, by link, video or template), and those of which Meta chooses
(`asset_feed_spec`). A picture is shown as `image_url`, else as the small `thumbnail_url`; both are
signed. Ads that are archived or deleted are not told and stay as they were.

Fields are those of the official SDK (facebook-business 26: AdAccount.get_ads, Ad, AdCreative,
AdCreativeObjectStorySpec, AdAssetFeedSpec). How many ads a page may have is not documented: one
that Meta finds too large is asked for again with fewer.
"""

from collections.abc import AsyncIterator
from typing import ClassVar, Final, Self

from processors.engine.clock import Clock
from processors.platforms import measures
from processors.platforms.assets import Asset, Kind, first_address, first_text, within
from processors.platforms.base import Account
from processors.platforms.meta.pages import Pages, Row
from processors.platforms.meta.settings import MetaSettings
from processors.platforms.reading import ReadingSettings, TooLarge, Unreadable
from schemas.delivery import Platform

_CREATIVE: Final = (
    "id", "title", "body", "object_type", "video_id", "image_url", "thumbnail_url", "link_url",
    "object_story_spec", "asset_feed_spec",
)  # fmt: skip
FIELDS: Final = f"id,name,campaign_id,creative{{{','.join(_CREATIVE)}}}"
_FEWER: Final = 4
_STORY: Final = "object_story_spec"
_FEED: Final = "asset_feed_spec"
_TITLES: Final = (
    "title", f"{_STORY}.link_data.name", f"{_STORY}.video_data.title",
    f"{_STORY}.template_data.name", f"{_FEED}.titles.0.text",
)  # fmt: skip
_BODIES: Final = (
    "body", f"{_STORY}.link_data.message", f"{_STORY}.video_data.message",
    f"{_STORY}.template_data.message", f"{_FEED}.bodies.0.text",
)  # fmt: skip
_PICTURES: Final = (
    "image_url", f"{_STORY}.link_data.picture", f"{_STORY}.video_data.image_url",
    f"{_FEED}.images.0.url", f"{_FEED}.videos.0.thumbnail_url", "thumbnail_url",
)  # fmt: skip
_PAGES: Final = (
    f"{_STORY}.link_data.link", f"{_STORY}.video_data.call_to_action.value.link",
    f"{_STORY}.template_data.link", f"{_FEED}.link_urls.0.website_url", "link_url",
)  # fmt: skip


class MetaAssets:
    """A reader of ads."""

    platform: ClassVar[str] = "meta"
    connection: ClassVar[Platform | str] = "meta"

    def __init__(self, settings: MetaSettings, reading: ReadingSettings) -> None:
        self._limit = settings.ads_page_size
        self._pages = Pages(settings, reading)

    @classmethod
    def load(cls, reading: ReadingSettings, _: Clock, /) -> Self:
        """With the settings of the environment."""
        return cls(MetaSettings.load(), reading)

    async def assets(self, account: Account) -> AsyncIterator[list[Asset]]:
        """As `assets.AssetReader` says."""
        token, own = account.secret("access_token"), account.secret("ad_account_id")
        if not token or not own:
            raise Unreadable("needs meta_access_token and meta_ad_account_id")
        limit = self._limit
        while True:
            params = {"fields": FIELDS, "limit": str(limit)}
            try:
                async for rows in self._pages.rows(f"act_{own}/ads", token=token, params=params):
                    yield [asset(row) for row in rows]
                return
            except TooLarge:
                if limit == 1:
                    raise
                # From the beginning: ads that were told are told again.
                limit = max(1, limit // _FEWER)

    async def close(self) -> None:
        """Close the connections."""
        await self._pages.close()


def asset(row: Row) -> Asset:
    """An ad as what it shows; one without a creative shows nothing that is known.

    Raises:
        Unusable: for an ad without its id.
    """
    told = row.get("creative")
    creative: Row = told if isinstance(told, dict) else {}
    return Asset(
        ad_id=measures.identity(row, "id"),
        ad=measures.text(row, "name"),
        campaign_id=measures.text(row, "campaign_id"),
        creative_id=measures.text(creative, "id"),
        type=_type(creative),
        title=first_text(within(creative, at) for at in _TITLES),
        body=first_text(within(creative, at) for at in _BODIES),
        thumbnail_url=first_address(within(creative, at) for at in _PICTURES),
        landing_page=first_address(within(creative, at) for at in _PAGES),
    )


def _type(creative: Row) -> Kind:
    if within(creative, _FEED):
        return "dynamic"
    link = within(creative, f"{_STORY}.link_data.child_attachments")
    if link or within(creative, f"{_STORY}.template_data"):
        return "carousel"
    if creative.get("video_id") or creative.get("object_type") == "VIDEO":
        return "video"
    is_picture = creative.get("image_url") or creative.get("object_type") == "PHOTO"
    return "image" if is_picture else "other"
