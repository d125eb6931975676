"""The default channel rules: which channel and traffic platform a touch belongs to.

In order: what the server set; a ref or creator code; utm_medium with utm_source as in GA4's
default channel group; without a medium the click id, then the source alone, then the referrer;
nothing is direct. Pure and versioned: the same touch under the same version has one answer.
"""

from collections.abc import Mapping
from typing import Final

from processors.domain.channel_groups import channel_of, is_shopping_campaign
from processors.domain.referrers import external_host
from processors.domain.sites import Site, site_of_host, site_of_source

RULES_VERSION: Final = 1

CHANNELS: Final = (
    "paid_search",
    "paid_social",
    "paid_shopping",
    "paid_video",
    "display",
    "retargeting",
    "ctv",
    "affiliate",
    "influencer",
    "email",
    "sms",
    "messaging",
    "organic_search",
    "organic_social",
    "referral",
    "direct",
    "offline",
    "other",
    "unattributed",
)
PLATFORMS: Final = (
    "google",
    "microsoft",
    "meta",
    "tiktok",
    "snapchat",
    "pinterest",
    "linkedin",
    "mntn",
    "klaviyo",
    "whatsapp",
    "shopify",
    "affiliate",
    "other",
    "none",
)
PLATFORM_CHANNELS: Final = {
    "google": "paid_search",
    "microsoft": "paid_search",
    "meta": "paid_social",
    "tiktok": "paid_social",
    "snapchat": "paid_social",
    "pinterest": "paid_social",
    "linkedin": "paid_social",
    "mntn": "ctv",
    "klaviyo": "email",
    "whatsapp": "messaging",
    "affiliate": "affiliate",
    "none": "direct",
}
"""The channel of a platform of which nothing else is known, for touches and for spend alike."""

# In the order in which they win when a copied link carries several.
_CLICKS: Final = (
    ("gclid", Site("search", "google")),
    ("gbraid", Site("search", "google")),
    ("wbraid", Site("search", "google")),
    ("msclkid", Site("search", "microsoft")),
    ("fbclid", Site("social", "meta")),
    ("ttclid", Site("social", "tiktok")),
    ("sccid", Site("social", "snapchat")),
    ("epik", Site("social", "pinterest")),
    ("li_fat_id", Site("social", "linkedin")),
)
_ABSENT: Final = frozenset(
    {"(none)", "(not set)", "(direct)", "none", "not set", "null", "undefined", "direct"}
)
_PARTNERS: Final = frozenset({"affiliate", "influencer"})
_UNKNOWN: Final = ("other", "other")
_DIRECT: Final = ("direct", "none")


def resolve(touch: Mapping[str, str | None], *, own_host: str | None) -> tuple[str, str]:
    """The touch's (channel, platform); `own_host` is the shop's, whose pages refer nobody."""
    get = touch.get
    channel, platform = get("channel"), get("platform")
    if channel and platform:
        return channel, platform
    if not channel:
        channel = "affiliate" if get("ref") else "influencer" if get("creator") else None
    if channel in _PARTNERS:
        return channel, platform or "affiliate"
    ruled = _by_rules(touch, own_host)
    if channel:
        return channel, _platform(channel, ruled[1])
    if platform:
        # The server knows the platform and nothing else speaks: an ad of that platform.
        channel = PLATFORM_CHANNELS.get(platform, "other") if ruled == _DIRECT else ruled[0]
        return channel, platform
    return ruled


def _by_rules(touch: Mapping[str, str | None], own_host: str | None) -> tuple[str, str]:
    medium, source = _word(touch.get("utm_medium")), _word(touch.get("utm_source"))
    clicked = _clicked(touch)
    if medium:
        return _by_medium(touch, medium=medium, source=source, clicked=clicked, own_host=own_host)
    if clicked:
        return "paid_search" if clicked.kind == "search" else "paid_social", clicked.platform
    if source:
        channel = channel_of(medium="", source=source, clicked=None, shopping=False)
        if channel != "other":
            site = site_of_source(source)
            return channel, _platform(channel, site.platform if site else "other")
    referring = external_host(touch.get("referrer"), url=touch.get("url"), own_host=own_host)
    if referring:
        return _by_referrer(referring)
    if not source:
        return _DIRECT
    return ("referral", "other") if "." in source else _UNKNOWN


def _by_medium(
    touch: Mapping[str, str | None],
    *,
    medium: str,
    source: str,
    clicked: Site | None,
    own_host: str | None,
) -> tuple[str, str]:
    campaign = touch.get("utm_campaign")
    channel = channel_of(
        medium=medium,
        source=source,
        clicked=clicked.kind if clicked else None,
        shopping=bool(campaign) and is_shopping_campaign(str(campaign)),
    )
    site = site_of_source(source) or clicked
    if site:
        return channel, _platform(channel, site.platform)
    if source:
        return channel, _platform(channel, "other")
    referring = external_host(touch.get("referrer"), url=touch.get("url"), own_host=own_host)
    return channel, _platform(channel, _by_referrer(referring)[1] if referring else "other")


def _by_referrer(referring: str) -> tuple[str, str]:
    site = site_of_host(referring)
    if site is None:
        return "referral", "other"
    if site.kind == "search":
        return "organic_search", site.platform
    if site.kind in ("social", "video", "messaging"):
        return "organic_social", site.platform
    return "referral", site.platform


def _platform(channel: str, found: str) -> str:
    """The platform in the words of the channel: partners have one, direct has none."""
    if channel in _PARTNERS:
        return "affiliate"
    if channel == "direct":
        return "none"
    return "other" if found == "none" else found


def _word(raw: str | None) -> str:
    """A UTM as the rules compare it; what tools write for nothing is nothing."""
    if not raw:
        return ""
    word = raw.strip().lower()
    return "" if word in _ABSENT else word


def _clicked(touch: Mapping[str, str | None]) -> Site | None:
    for name, site in _CLICKS:
        if touch.get(name):
            return site
    return None
