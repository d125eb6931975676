"""What TikTok's ads show: the ads of an advertiser (`/ad/get/`), and the pictures of their videos
and images in its library (`/file/video/ad/info/`, `/file/image/ad/info/`).

An ad has no title but the name under which it is shown. Pictures are signed and end within hours;
who may not read the library sees none. Ads of Smart+ campaigns are told elsewhere
(`/smart_plus/ad/get/`) and not read.

Fields are those of TikTok's SDK and of what others read of it. Unverified: that a question names
60 videos or 100 images at most.
"""

from collections.abc import AsyncIterator, Iterable
from typing import ClassVar, Final, Self

import orjson

from processors.engine.clock import Clock
from processors.platforms import measures
from processors.platforms.assets import Asset, Kind, first_address, first_text, within
from processors.platforms.base import Account
from processors.platforms.measures import Row
from processors.platforms.reading import ReadingSettings, Unreadable
from processors.platforms.tiktok.pages import Pages
from processors.platforms.tiktok.settings import TikTokSettings
from schemas.delivery import Platform

_ADS: Final = "/ad/get/"
_VIDEOS: Final = ("/file/video/ad/info/", "video_ids", "video_id", "video_cover_url", 60)
_IMAGES: Final = ("/file/image/ad/info/", "image_ids", "image_id", "image_url", 100)
_FIELDS: Final = (
    "ad_id", "ad_name", "campaign_id", "ad_format", "ad_text", "ad_texts", "display_name",
    "landing_page_url", "landing_page_urls", "video_id", "image_ids",
)  # fmt: skip
_TYPES: Final[dict[str, Kind]] = {
    "SINGLE_IMAGE": "image",
    "SINGLE_VIDEO": "video",
    "LIVE_CONTENT": "video",
    "CAROUSEL": "carousel",
    "CAROUSEL_ADS": "carousel",
    "CATALOG_CAROUSEL": "carousel",
}


class TiktokAssets:
    """A reader of ads."""

    platform: ClassVar[str] = "tiktok"
    connection: ClassVar[Platform | str] = "tiktok"

    def __init__(self, settings: TikTokSettings, reading: ReadingSettings) -> None:
        self._size = settings.report_page_size
        self._pages = Pages(settings, reading)

    @classmethod
    def load(cls, reading: ReadingSettings, _: Clock, /) -> Self:
        """With the settings of the environment."""
        return cls(TikTokSettings.load(), reading)

    async def assets(self, account: Account) -> AsyncIterator[list[Asset]]:
        """As `assets.AssetReader` says."""
        token, advertiser = (account.secret(name) for name in ("access_token", "advertiser_id"))
        if not token or not advertiser:
            raise Unreadable("needs tiktok_access_token and tiktok_advertiser_id")
        own = {"advertiser_id": advertiser}
        params = {**own, "fields": _json(_FIELDS), "page_size": str(self._size)}
        async for rows in self._pages.rows(_ADS, token=token, params=params):
            pictures = await self._pictures(
                _VIDEOS, (row.get("video_id") for row in rows), token, own
            )
            pictures |= await self._pictures(_IMAGES, map(_image, rows), token, own)
            yield [_asset(row, pictures) for row in rows]

    async def _pictures(
        self,
        of: tuple[str, str, str, str, int],
        told: Iterable[object],
        token: str,
        own: dict[str, str],
    ) -> dict[str, str]:
        """Addresses, by id."""
        path, many, one, address, most = of
        ids = list(dict.fromkeys(name for name in told if isinstance(name, str) and name))
        found: dict[str, str] = {}
        for start in range(0, len(ids), most):
            params = {**own, many: _json(ids[start : start + most])}
            try:
                data = await self._pages.data(path, token=token, params=params)
            except Unreadable as error:
                if not error.is_refused:
                    raise
                return {}
            for row in measures.rows_of(within(data, "list"), "list of files"):
                if url := first_address([row.get(address)]):
                    found[measures.identity(row, one)] = url
        return found

    async def close(self) -> None:
        """Close the connections."""
        await self._pages.close()


def _asset(row: Row, pictures: dict[str, str]) -> Asset:
    file = measures.text(row, "video_id") or _image(row)
    kind = _TYPES.get(measures.text(row, "ad_format") or "")
    return Asset(
        ad_id=measures.identity(row, "ad_id"),
        ad=measures.text(row, "ad_name"),
        campaign_id=measures.text(row, "campaign_id"),
        creative_id=file,
        type=kind or ("video" if row.get("video_id") else "image" if file else "other"),
        title=first_text([row.get("display_name")]),
        body=first_text([row.get("ad_text"), within(row, "ad_texts.0")]),
        thumbnail_url=pictures.get(file or ""),
        landing_page=first_address(
            [row.get("landing_page_url"), within(row, "landing_page_urls.0")]
        ),
    )


def _image(row: Row) -> str | None:
    found = within(row, "image_ids.0")
    return found if isinstance(found, str) else None


def _json(value: object) -> str:
    return orjson.dumps(value).decode()
