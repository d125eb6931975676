"""Which channel and traffic platform a touch belongs to.

What the server set wins; the rest is decided by the tenant's own rules and the defaults. Pure and
versioned: the same touch under the same version of the rules has one answer.
"""

from collections.abc import Mapping
from typing import Final

from processors.domain.channel_facts import inputs
from processors.domain.channel_rules import PARTNERS, RuleSet, in_the_words_of
from processors.domain.default_channels import DEFAULTS

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
_ENGINES: Final = frozenset({"google", "microsoft"})
_CAMPAIGN_TYPES: Final = {
    "search": "paid_search",
    "shopping": "paid_shopping",
    "video": "paid_video",
    "display": "display",
    "audience": "display",
}
"""Types of campaigns at search engines: Google's `advertising_channel_type`, Microsoft's
`CampaignType` (Audience). The others, Performance Max among them, run everywhere."""

_DIRECT: Final = ("direct", "none")


def of_spend(platform: str, campaign_type: str | None) -> str:
    """The channel of spend whose source names none."""
    if platform in _ENGINES and campaign_type is not None:
        typed = _CAMPAIGN_TYPES.get(campaign_type.lower())
        if typed is not None:
            return typed
    return PLATFORM_CHANNELS.get(platform, "other")


def resolve(
    touch: Mapping[str, str | None], *, own_host: str | None, rules: RuleSet = DEFAULTS
) -> tuple[str, str]:
    """The touch's (channel, platform); `own_host` is the shop's, whose pages refer nobody."""
    channel, platform = touch.get("channel"), touch.get("platform")
    if channel and platform:
        return channel, platform
    decided = rules.decide(inputs(touch, own_host=own_host, asked=rules.asked))
    return with_sent(channel, platform, (decided.channel, decided.platform))


def with_sent(channel: str | None, platform: str | None, ruled: tuple[str, str]) -> tuple[str, str]:
    """What the server set, completed by what the rules say."""
    if channel and platform:
        return channel, platform
    if channel in PARTNERS:
        return channel, "affiliate"
    if channel:
        return channel, in_the_words_of(channel, ruled[1])
    if platform:
        # The server knows the platform and nothing else speaks: an ad of that platform.
        return PLATFORM_CHANNELS.get(platform, "other") if ruled == _DIRECT else ruled[0], platform
    return ruled
