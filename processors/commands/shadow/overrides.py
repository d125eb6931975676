"""What a shadow replay may change: the settings that change credit, and nothing but credit."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from processors.commands.operator import Refused
from processors.commands.tenants import checked
from processors.domain.attribution import CreditSettings, custom_document

_DEFAULT: Final = CreditSettings()

_READ: Final[dict[str, tuple[str, Callable[[str], Any]]]] = {
    "half_life_days": ("half_life_days", lambda v: float(v) or _DEFAULT.half_life_days),
    "attribution_mode": ("attribution_mode", str),
    "view_window": ("view_window_days", lambda v: int(v.rstrip("d")) if v else None),
    "max_touches": ("max_touches", int),
    "lookback_days": ("lookback_days", lambda v: int(v) if v else _DEFAULT.lookback_days),
    "custom_model": ("custom", custom_document.model),
}
"""Settings, the field of credit's settings that each one is, and how the view of the settings
reads it; a test compares the two."""

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
        if name not in _READ:
            why = _REFUSED.get(name, "it is no setting of credit")
            raise Refused(f"{name} cannot be replayed in the shadow: {why}")
    return found


def overridden(own: CreditSettings, overrides: Mapping[str, str]) -> CreditSettings:
    """A tenant's settings of credit with these instead."""
    fields = {_READ[name][0]: _READ[name][1](value) for name, value in overrides.items()}
    return replace(own, **fields)
