"""The channel that utm_medium and utm_source name, as GA4's default channel group reads them.

The rules run in GA4's order and the first that holds wins. Groups that we have no channel for:
organic video counts as organic_social, organic shopping as referral, mobile push as messaging,
audio and paid other as other. What GA4 leaves unassigned is other, unless the words are plain.
"""

import re
from functools import lru_cache
from typing import Final

from processors.domain.sites import Kind, site_of_source

_PAID: Final = re.compile(r".*cp.*|ppc|retargeting|paid.*")
_SHOPPING: Final = re.compile(r"(?:^|[^a-df-z])shop|shopping")
_DISPLAY: Final = frozenset({"display", "banner", "expandable", "interstitial", "cpm"})
_SOCIAL: Final = frozenset(
    {"social", "social-network", "social-media", "sm", "social network", "social media"}
)
_REFERRAL: Final = frozenset({"referral", "app", "link"})
_EMAIL: Final = frozenset({"email", "e-mail", "e_mail", "e mail"})
_AFFILIATE: Final = frozenset({"affiliate", "affiliates"})

# Words for channels that GA4 does not have; who writes them means them.
_OWN_MEDIA: Final = {
    **dict.fromkeys(("influencer", "influencers", "influencer_marketing", "creator"), "influencer"),
    **dict.fromkeys(("ctv", "ott", "connected_tv", "connected-tv", "streaming_tv"), "ctv"),
    **dict.fromkeys(("messaging", "whatsapp", "messenger", "chat"), "messaging"),
    **dict.fromkeys(("offline", "print", "qr", "qr_code", "direct_mail", "flyer"), "offline"),
    "remarketing": "retargeting",
}
_PLAIN_MEDIA: Final = {"newsletter": "email", "text": "sms", "text_message": "sms", "mms": "sms"}
_PAID_KINDS: Final[dict[Kind, str]] = {
    "search": "paid_search",
    "social": "paid_social",
    "messaging": "paid_social",
    "video": "paid_video",
    "shopping": "paid_shopping",
    "ctv": "ctv",
}
_PAID_WORDS: Final = (
    ("retarget", "retargeting"),
    ("search", "paid_search"),
    ("social", "paid_social"),
    ("shop", "paid_shopping"),
    ("video", "paid_video"),
)
_UNMARKED_KINDS: Final[dict[Kind, str]] = {
    "email": "email",
    "messaging": "messaging",
    "ctv": "ctv",
    "affiliate": "affiliate",
    "shopping": "referral",
}


def is_shopping_campaign(campaign: str) -> bool:
    """GA4's test of a campaign's name: it says shop, but not as in workshop."""
    return _SHOPPING.search(campaign.lower()) is not None


@lru_cache(maxsize=4096)
def channel_of(*, medium: str, source: str, clicked: Kind | None, shopping: bool) -> str:
    """The channel of lower-case words; `clicked` is what a click id says of an unknown source."""
    if medium in _OWN_MEDIA:
        return _OWN_MEDIA[medium]
    site = site_of_source(source)
    kind = site.kind if site else None
    if _PAID.fullmatch(medium):
        return _paid(medium, kind or clicked, shopping=shopping)
    if medium in _DISPLAY:
        return "display"
    return _free(medium, source, kind)


def _paid(medium: str, kind: Kind | None, *, shopping: bool) -> str:
    if shopping:
        return "paid_shopping"
    if kind in _PAID_KINDS:
        return _PAID_KINDS[kind]
    if medium in _DISPLAY:
        return "display"
    return next((channel for word, channel in _PAID_WORDS if word in medium), "other")


def _free(medium: str, source: str, kind: Kind | None) -> str:
    if kind in ("social", "video") or medium in _SOCIAL or "video" in medium:
        return "organic_social"
    if kind == "search" or medium == "organic":
        return "organic_search"
    if medium in _REFERRAL:
        return "referral"
    if medium in _EMAIL or source in _EMAIL:
        return "email"
    if medium in _AFFILIATE:
        return "affiliate"
    if medium == "audio":
        return "other"
    if medium == "sms" or source == "sms":
        return "sms"
    if medium.endswith("push") or "mobile" in medium or "notification" in medium:
        return "messaging"
    if medium in _PLAIN_MEDIA:
        return _PLAIN_MEDIA[medium]
    return _UNMARKED_KINDS.get(kind, "other") if kind else "other"
