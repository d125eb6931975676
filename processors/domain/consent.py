"""Whether a person's consent lets an event go to a destination.

The same question is asked when routing, when sending and when replaying, so the answer is a
function of the flags alone. An unclear flag is no consent.
"""

from collections.abc import Mapping
from typing import Final

FLAGS: Final = ("ad_storage", "ad_user_data", "ad_personalization", "analytics_storage")
GRANTED: Final = "granted"
DENIED: Final = "denied"

_ADS: Final = ("ad_storage", "ad_user_data")
# A destination that is not named here advertises, the case that asks for most.
_NEEDS: Final[dict[str, tuple[str, ...]]] = {
    "ga4": ("analytics_storage",),
    "klaviyo": ("ad_user_data",),
    "whatsapp": ("ad_user_data",),
}


def needs(platform: str) -> tuple[str, ...]:
    """The flags that must be granted before the destination may have an event."""
    return _NEEDS.get(platform, _ADS)


def allows(platform: str, consent: Mapping[str, str | None] | None, *, when_absent: str) -> bool:
    """Whether every flag that the destination needs is granted; an absent one is `when_absent`."""
    flags = consent or {}
    return all((flags.get(flag) or when_absent).lower() == GRANTED for flag in needs(platform))
