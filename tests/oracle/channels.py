"""The default channel rules of interfaces.md, in their order, as a list of questions."""

import re
from collections.abc import Mapping, Sequence

from tests.oracle.rules import holds, values
from tests.oracle.sites import Site, site_of_host, site_of_source
from tests.oracle.urls import CLICK_IDS
from tests.oracle.words import Json

Fields = Mapping[str, str | None]

DIRECT = ("direct", "none")
PARTNERS = ("affiliate", "influencer")
CLICKED = dict(
    zip(
        CLICK_IDS,
        [
            *[Site("search", "google")] * 3,
            Site("search", "microsoft"),
            *(Site("social", n) for n in ("meta", "tiktok", "snapchat", "pinterest", "linkedin")),
        ],
        strict=True,
    )
)
BY_PLATFORM = {
    **dict.fromkeys(("google", "microsoft"), "paid_search"),
    **dict.fromkeys(("meta", "tiktok", "snapchat", "pinterest", "linkedin"), "paid_social"),
    "mntn": "ctv",
    "klaviyo": "email",
    "whatsapp": "messaging",
    "affiliate": "affiliate",
}
_NOTHING = {"(none)", "(not set)", "(direct)", "none", "not set", "null", "undefined", "direct"}
_DISPLAY = {"display", "banner", "expandable", "interstitial", "cpm"}
_SOCIAL = {"social", "social-network", "social-media", "sm", "social network", "social media"}
_EMAIL = {"email", "e-mail", "e_mail", "e mail"}
_OURS = {
    "influencer": {"influencer", "influencers", "influencer_marketing", "creator"},
    "ctv": {"ctv", "ott", "connected_tv", "connected-tv", "streaming_tv"},
    "messaging": {"messaging", "whatsapp", "messenger", "chat"},
    "offline": {"offline", "print", "qr", "qr_code", "direct_mail", "flyer"},
    "retargeting": {"remarketing"},
}
_PAID_KIND = {
    "search": "paid_search",
    "social": "paid_social",
    "messaging": "paid_social",
    "video": "paid_video",
    "shopping": "paid_shopping",
    "ctv": "ctv",
}
_PAID_WORD = {
    "retarget": "retargeting",
    "search": "paid_search",
    "social": "paid_social",
    "shop": "paid_shopping",
    "video": "paid_video",
}
_OTHER_KIND = {
    "email": "email",
    "messaging": "messaging",
    "ctv": "ctv",
    "affiliate": "affiliate",
    "shopping": "referral",
}


def resolve(
    fields: Fields, referrer: str, *, url: str = "", own: Sequence[Json] = ()
) -> tuple[str, str]:
    """(channel, platform) of a touch; `referrer` is the host of an outside referrer or empty, and
    `own` are the tenant's rules, which come before all that a server did not set."""
    channel, platform = fields.get("channel"), fields.get("platform")
    decided = _by_own(fields, referrer, url=url, own=own)
    if decided:
        return _completed(channel, platform, decided)
    if not channel and fields.get("ref"):
        channel = "affiliate"
    elif not channel and fields.get("creator"):
        channel = "influencer"
    ruled = by_rules(fields, referrer)
    if channel:
        return channel, platform or _named(channel, ruled[1])
    if platform:
        return (BY_PLATFORM.get(platform, "other") if ruled == DIRECT else ruled[0]), platform
    return ruled


def _completed(
    channel: str | None, platform: str | None, decided: tuple[str, str]
) -> tuple[str, str]:
    """What the server set, and of the rest what a rule decided."""
    if channel:
        return channel, platform or _named(channel, decided[1])
    if platform:
        ad = BY_PLATFORM.get(platform, "other")
        return ad if decided == DIRECT else decided[0], platform
    return decided


def _by_own(
    fields: Fields, referrer: str, *, url: str, own: Sequence[Json]
) -> tuple[str, str] | None:
    """What the first of the tenant's rules that holds says."""
    medium, source = _word(fields.get("utm_medium")), _word(fields.get("utm_source"))
    sites = (
        site_of_source(source) if source else None,
        next((CLICKED[name] for name in CLICK_IDS if fields.get(name)), None),
        site_of_host(referrer),
    )
    said = values(fields, words=(medium, source), url=url, referrer=referrer, sites=sites)
    rule = next((rule for rule in own if holds(rule, said)), None)
    if rule is None:
        return None
    found = {
        "@click": sites[1],
        "@referrer": sites[2],
        "@found": sites[0] or sites[1] or (None if source else sites[2]),
    }
    platform = rule.get("platform", "@found")
    if platform not in found:
        return rule["channel"], platform
    site = found[platform]
    return rule["channel"], _named(rule["channel"], site.platform if site else "other")


def by_rules(fields: Fields, referrer: str) -> tuple[str, str]:
    """What UTMs, click ids and the referrer say."""
    medium, source = _word(fields.get("utm_medium")), _word(fields.get("utm_source"))
    site = site_of_source(source) if source else None
    clicked = next((CLICKED[name] for name in CLICK_IDS if fields.get(name)), None)
    referring = site_of_host(referrer)
    if medium:
        channel = by_medium(
            medium, source, kind=site and site.kind, clicked=clicked and clicked.kind,
            campaign=(fields.get("utm_campaign") or "").lower(),
        )  # fmt: skip
        known = site or clicked or (None if source else referring)
        return channel, _named(channel, known.platform if known else "other")
    if clicked:
        return "paid_search" if clicked.kind == "search" else "paid_social", clicked.platform
    if source:
        channel = unpaid("", source, kind=site and site.kind)
        if channel != "other":
            return channel, _named(channel, site.platform if site else "other")
    if referrer:
        return _referred(referring)
    if source:
        return ("referral" if "." in source else "other"), "other"
    return DIRECT


def by_medium(
    medium: str, source: str, *, kind: str | None, clicked: str | None, campaign: str
) -> str:
    """GA4's default channel group, and the media that it has no group for."""
    for channel, words in _OURS.items():
        if medium in words:
            return channel
    if re.fullmatch(r".*cp.*|ppc|retargeting|paid.*", medium, re.DOTALL):
        if re.search(r"([^a-df-z]|^)shop|shopping", campaign):
            return "paid_shopping"
        if (kind or clicked) in _PAID_KIND:
            return _PAID_KIND[kind or clicked or ""]
        if medium in _DISPLAY:
            return "display"
        return next((named for word, named in _PAID_WORD.items() if word in medium), "other")
    if medium in _DISPLAY:
        return "display"
    return unpaid(medium, source, kind=kind)


def unpaid(medium: str, source: str, *, kind: str | None) -> str:
    """The groups that nobody pays for, in GA4's order; `other` when none fits."""
    questions = (
        ("organic_social", kind in ("social", "video") or medium in _SOCIAL or "video" in medium),
        ("organic_search", kind == "search" or medium == "organic"),
        ("referral", medium in ("referral", "app", "link")),
        ("email", medium in _EMAIL or source in _EMAIL),
        ("affiliate", medium in ("affiliate", "affiliates")),
        ("other", medium == "audio"),
        ("sms", "sms" in (medium, source)),
        ("messaging", medium.endswith("push") or "mobile" in medium or "notification" in medium),
        ("email", medium == "newsletter"),
        ("sms", medium in ("text", "text_message", "mms")),
    )
    answer = next((channel for channel, holds in questions if holds), None)
    return answer or _OTHER_KIND.get(kind or "", "other")


def _referred(site: Site | None) -> tuple[str, str]:
    if site is None:
        return "referral", "other"
    kinds = {"search": "organic_search"}
    kinds |= dict.fromkeys(("social", "video", "messaging"), "organic_social")
    return kinds.get(site.kind, "referral"), site.platform


def _named(channel: str, platform: str) -> str:
    if channel in PARTNERS:
        return "affiliate"
    if channel == "direct":
        return "none"
    return "other" if platform == "none" else platform


def _word(raw: str | None) -> str:
    word = (raw or "").strip().lower()
    return "" if word in _NOTHING else word
