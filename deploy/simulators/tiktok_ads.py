"""TikTok's ads of an advertiser, `/ad/get/`, and the library of its videos and images.

They come by `/_sim/rows` under `ads`: {"advertiser": "1", "token": T, "ads": [{"ad_id": "3",
"ad_name": "a", ...}], "videos": {"v1": "https://..."}, "images": {"i1": "https://..."}, "library":
true}; without a `library` the app may not read files.
"""

import json
from dataclasses import dataclass, field
from typing import Any, Final

from starlette.requests import Request

from deploy.simulators.tiktok_rules import Refused

ADS: Final = "/open_api/v1.3/ad/get/"
VIDEOS: Final = "/open_api/v1.3/file/video/ad/info/"
IMAGES: Final = "/open_api/v1.3/file/image/ad/info/"
PATHS: Final = (ADS, VIDEOS, IMAGES)
FIELDS: Final = frozenset(
    {
        "ad_id", "ad_name", "advertiser_id", "campaign_id", "campaign_name", "adgroup_id",
        "adgroup_name", "ad_format", "ad_text", "ad_texts", "display_name", "landing_page_url",
        "landing_page_urls", "video_id", "image_ids", "call_to_action", "secondary_status",
        "operation_status", "create_time", "modify_time", "identity_id", "identity_type",
        "tiktok_item_id", "creative_type",
    }
)  # fmt: skip
MOST_ROWS: Final = 1_000
_FILES: Final = {
    VIDEOS: ("video_ids", "video_id", "video_cover_url", 60),
    IMAGES: ("image_ids", "image_id", "image_url", 100),
}


@dataclass(slots=True)
class Shelf:
    """An advertiser's."""

    token: str = ""
    ads: list[dict[str, Any]] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    library: bool = True


class Shelves:
    """All advertisers."""

    def __init__(self) -> None:
        self._of: dict[str, Shelf] = {}

    def told(self, given: dict[str, Any]) -> None:
        """Take what an advertiser has.

        Raises:
            KeyError: without the advertiser.
            ValueError: for an ad with a field that is none.
        """
        shelf = self._of.setdefault(given["advertiser"], Shelf())
        shelf.token = given.get("token", shelf.token)
        shelf.library = given.get("library", shelf.library)
        for ad in given.get("ads", []):
            if unknown := ad.keys() - FIELDS:
                raise ValueError(f"an ad has no {min(unknown)}")
        shelf.ads = given.get("ads", shelf.ads)
        shelf.files |= {**given.get("videos", {}), **given.get("images", {})}

    def answer(self, request: Request, credential: str) -> dict[str, Any]:
        """The data of an answer.

        Raises:
            Refused: for a question that the vendor refuses.
        """
        asked = dict(request.query_params)
        shelf = self._of.get(asked.get("advertiser_id", ""))
        if shelf is None or shelf.token != credential:
            raise Refused("No permission to operate advertiser", code=40001)
        if request.url.path == ADS:
            return _ads(shelf, asked)
        if not shelf.library:
            raise Refused("No permission to read the library", code=40001)
        many, one, address, most = _FILES[request.url.path]
        ids = _list(asked, many)
        if not 1 <= len(ids) <= most:
            raise Refused(f"{many}: Length must be between 1 and {most}")
        return {"list": [{one: i, address: shelf.files[i]} for i in ids if i in shelf.files]}


def _ads(shelf: Shelf, asked: dict[str, str]) -> dict[str, Any]:
    fields = _list(asked, "fields") if "fields" in asked else sorted(FIELDS)
    if set(fields) - FIELDS:
        raise Refused("fields: Not a valid choice")
    page, size = _count(asked, "page", "1"), _count(asked, "page_size", "10")
    if size > MOST_ROWS:
        raise Refused(f"page_size: Must be between 1 and {MOST_ROWS}")
    some = shelf.ads[(page - 1) * size : page * size]
    return {
        "list": [{name: ad.get(name) for name in fields} for ad in some],
        "page_info": {
            "page": page,
            "page_size": size,
            "total_number": len(shelf.ads),
            "total_page": -(-len(shelf.ads) // size),
        },
    }


def _list(asked: dict[str, str], name: str) -> list[Any]:
    try:
        found = json.loads(asked.get(name, "null"))
    except ValueError:
        found = None
    if not isinstance(found, list):
        raise Refused(f"{name}: Not a valid list")
    return found


def _count(asked: dict[str, str], name: str, usual: str) -> int:
    said = asked.get(name, usual)
    if not said.isdecimal() or int(said) < 1:
        raise Refused(f"{name}: Must be greater than or equal to 1")
    return int(said)
