"""What a shadow replay may change: the settings that change credit, and nothing but credit."""

from collections.abc import Mapping
from typing import Final

from processors.commands.operator import Refused
from processors.commands.tenants import checked

_TRIED: Final = frozenset(
    {
        "half_life_days", "attribution_mode", "view_window", "max_touches", "lookback_days",
        "custom_model",
    }
)  # fmt: skip

_REFUSED: Final = {
    "channel_rules": "it changes the channel of the touches themselves",
    "identity_fan_in_cap": "it changes whose touches they are",
    "consent_when_absent": "it changes what platforms are sent, not credit",
    "pixel_orders": "it changes which orders there are",
    "currency": "the two sides would not be in the same money",
    "time_zone": "the two sides would not have the same days",
    "enabled_models": "a run holds every model anyway",
    "enabled_windows": "a run holds every window anyway",
    "fairing_bridge_enabled": "it does not change credit",
    "model_promotion": "it changes when a model is promoted; --model tries one",
    "restate_on_promotion": "it changes when a model is promoted; --model tries one",
    "bot_policy": "it changes which touches there are to count",
    "ip_policy": "it changes what the gateway keeps, not credit",
    "gpc": "it changes what platforms are sent, not credit",
    "dnt": "it changes what platforms are sent, not credit",
    "anonymous_visitors": "it changes what the gateway keeps, not credit",
    "id_cookie": "it changes what the gateway answers, not credit",
    "id_cookie_domains": "it changes what the gateway answers, not credit",
    "half_life_fit": "it changes when half_life_days is set; half_life_days itself can be tried",
}


def usable(values: Mapping[str, str]) -> dict[str, str]:
    """The overrides as `tenant set` would set them.

    Raises:
        Refused: naming the key that a shadow replay cannot change, or whose value cannot be one.
    """
    found = checked(values)
    for name in found:
        if name not in _TRIED:
            why = _REFUSED.get(name, "it is no setting of credit")
            raise Refused(f"{name} cannot be replayed in the shadow: {why}")
    return found
