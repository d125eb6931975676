"""Meta's ads of an account and what they show, `act_{id}/ads`: the fields that were asked for,
those of the creative in braces."""

import re
from typing import Any, Final

from deploy.simulators.refused import Refused, TooMuch

PATH: Final = "/{version}/{account}/ads"
FIELDS: Final = frozenset(
    {
        "id", "name", "account_id", "campaign_id", "adset_id", "status", "effective_status",
        "created_time", "updated_time",
    }
)  # fmt: skip
OF_CREATIVES: Final = frozenset(
    {
        "id", "name", "title", "body", "object_type", "video_id", "image_hash", "image_url",
        "thumbnail_url", "link_url", "url_tags", "call_to_action_type", "object_story_id",
        "effective_object_story_id", "object_story_spec", "asset_feed_spec",
    }
)  # fmt: skip
GONE: Final = frozenset({"ARCHIVED", "DELETED"})
MOST: Final = 500
_FIELD: Final = re.compile(r"(\w+)(?:\{([\w,]*)\})?(?:,|$)")


def shown(ads: list[dict[str, Any]], asked: dict[str, str], *, most: int) -> list[dict[str, Any]]:
    """Every ad that is not gone; what has no value is left out. A page may have `most`.

    Raises:
        Refused: for fields that are none, or a page that is too large.
    """
    if asked.keys() - {"fields", "limit", "after", "access_token"}:
        raise Refused("an unknown parameter")
    if int(asked.get("limit", "25")) > most:
        raise TooMuch
    own, of_creative = _fields(asked.get("fields", "id"))
    told = [ad for ad in ads if ad.get("effective_status") not in GONE]
    return [_ad(ad, own, of_creative) for ad in told]


def _ad(ad: dict[str, Any], own: set[str], of_creative: set[str] | None) -> dict[str, Any]:
    found = {name: ad[name] for name in own | {"id"} if name in ad}
    if of_creative is not None and "creative" in ad:
        creative = ad["creative"]
        found["creative"] = {n: creative[n] for n in of_creative | {"id"} if n in creative}
    return found


def _fields(text: str) -> tuple[set[str], set[str] | None]:
    """Of the ad, and of the creative; None where that is not asked for."""
    own: set[str] = set()
    of_creative: set[str] | None = None
    place = 0
    while place < len(text):
        found = _FIELD.match(text, place)
        if found is None:
            raise Refused("Syntax error in the field expansion", code=2500)
        place = found.end()
        name, inside = found[1], found[2]
        if name == "creative":
            of_creative = set(filter(None, (inside or "").split(",")))
        elif inside is not None or name not in FIELDS:
            raise Refused(f"Tried accessing nonexisting field ({name})")
        else:
            own.add(name)
    if of_creative is not None and (unknown := of_creative - OF_CREATIVES):
        raise Refused(f"Tried accessing nonexisting field ({min(unknown)})")
    return own, of_creative
