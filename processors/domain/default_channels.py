"""The default channel rules, as data, in their order.

A ref or creator code; then utm_medium with utm_source as GA4's default channel group reads them;
without a medium the click id, then the source alone, then the referrer; nothing is direct. Groups
that we have no channel for: organic video counts as organic_social, organic shopping as referral,
mobile push as messaging, audio and paid other as other. What GA4 leaves unassigned is other.
"""

from typing import Final

from processors.domain.channel_rules import CLICK, REFERRER, Rule, RuleSet

DEFAULT_VERSION: Final = "1"
"""Raise it with every change of the rules below, and let a migration put every tenant into
channel_rule_passes: then all touches are resolved again."""

_ANY: Final = ("*",)
_NONE: Final = ("",)
_PAID: Final = ("*cp*", "ppc", "retargeting", "paid*")
_DISPLAY: Final = ("display", "banner", "expandable", "interstitial", "cpm")
_SOCIAL: Final = (
    "social", "social-network", "social-media", "sm", "social network", "social media",
)  # fmt: skip
_EMAIL: Final = ("email", "e-mail", "e_mail", "e mail")


def _medium(channel: str, *words: str) -> Rule:
    return Rule(f"medium {words[0]}", {"medium": words}, channel)


def _paid_site(channel: str, *kinds: str) -> Rule:
    return Rule(f"paid medium, {kinds[0]} site", {"medium": _PAID, "kind": kinds}, channel)


def _paid_word(channel: str, word: str, *more: str) -> Rule:
    """Media that are paid and have the word in them: it stands beside what makes them paid."""
    patterns = (f"paid*{word}*", f"*cp*{word}*", f"*{word}*cp*", *more)
    return Rule(f"paid medium that says {word}", {"medium": patterns}, channel)


def _source_site(channel: str, *kinds: str) -> Rule:
    return Rule(f"{kinds[0]} site as source", {"source_kind": kinds}, channel)


DEFAULT_RULES: Final[tuple[Rule, ...]] = (
    Rule("affiliate code", {"sent_channel": _NONE, "ref": _ANY}, "affiliate"),
    Rule("creator code", {"sent_channel": _NONE, "creator": _ANY}, "influencer"),
    # Words for channels that GA4 does not have; who writes them means them.
    _medium("influencer", "influencer", "influencers", "influencer_marketing", "creator"),
    _medium("ctv", "ctv", "ott", "connected_tv", "connected-tv", "streaming_tv"),
    _medium("messaging", "messaging", "whatsapp", "messenger", "chat"),
    _medium("offline", "offline", "print", "qr", "qr_code", "direct_mail", "flyer"),
    _medium("retargeting", "remarketing"),
    # GA4's test of a campaign's name: it says shop, but not as in workshop.
    Rule(
        "paid medium, shopping campaign",
        {"medium": _PAID, "campaign": ("shop*", "*[!a-df-z]shop*", "*shopping*")},
        "paid_shopping",
    ),
    _paid_site("paid_search", "search"),
    _paid_site("paid_social", "social", "messaging"),
    _paid_site("paid_video", "video"),
    _paid_site("paid_shopping", "shopping"),
    _paid_site("ctv", "ctv"),
    _medium("display", *_DISPLAY),
    _paid_word("retargeting", "retarget", "retargeting"),
    _paid_word("paid_search", "search"),
    _paid_word("paid_social", "social"),
    _paid_word("paid_shopping", "shop"),
    _paid_word("paid_video", "video"),
    Rule("paid medium", {"medium": _PAID}, "other"),
    Rule(
        "click id of a search engine", {"medium": _NONE, "click_kind": ("search",)},
        "paid_search", CLICK,
    ),
    Rule("click id", {"medium": _NONE, "click_id": _ANY}, "paid_social", CLICK),
    _source_site("organic_social", "social", "video"),
    _medium("organic_social", *_SOCIAL, "*video*"),
    _source_site("organic_search", "search"),
    _medium("organic_search", "organic"),
    _medium("referral", "referral", "app", "link"),
    _medium("email", *_EMAIL),
    Rule("source email", {"source": _EMAIL}, "email"),
    _medium("affiliate", "affiliate", "affiliates"),
    _medium("other", "audio"),
    _medium("sms", "sms"),
    Rule("source sms", {"source": ("sms",)}, "sms"),
    _medium("messaging", "*push", "*mobile*", "*notification*"),
    _medium("email", "newsletter"),
    _medium("sms", "text", "text_message", "mms"),
    _source_site("email", "email"),
    _source_site("messaging", "messaging"),
    _source_site("ctv", "ctv"),
    _source_site("affiliate", "affiliate"),
    _source_site("referral", "shopping"),
    Rule("another medium", {"medium": _ANY}, "other"),
    Rule("search engine refers", {"referrer_kind": ("search",)}, "organic_search", REFERRER),
    Rule(
        "social network refers", {"referrer_kind": ("social", "video", "messaging")},
        "organic_social", REFERRER,
    ),
    Rule("another site refers", {"referrer": _ANY}, "referral", REFERRER),
    Rule("source that is a site", {"source": ("*.*",)}, "referral", "other"),
    Rule("another source", {"source": _ANY}, "other", "other"),
    Rule("nothing", {}, "direct", "none"),
)  # fmt: skip
DEFAULTS: Final = RuleSet(DEFAULT_RULES, DEFAULT_VERSION)
