"""What operators and people decided: settings, rates, unlinks and consents of one tenant."""

import hashlib
from collections import defaultdict
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

from tests.oracle.custom import definition
from tests.oracle.log import Log
from tests.oracle.promotions import Promotion, promotion
from tests.oracle.words import MODELS, WINDOWS, Json, decimals

DEFAULTS = {
    "time_zone": "UTC",
    "currency": "USD",
    "enabled_models": ",".join(MODELS),
    "half_life_days": "7",
    "attribution_mode": "clicks_plus_views",
    "consent_when_absent": "granted",
    "pixel_orders": "false",
    "identity_fan_in_cap": "100",
    "max_touches": "1000",
    "enabled_windows": ",".join(WINDOWS),
    "lookback_days": "365",
    "channel_rules": "",
    "custom_model": "",
    "bot_policy": "keep",
}


@dataclass(frozen=True)
class Commands:
    """The commands that stand, and every value that a setting ever had."""

    settings: dict[str, str] = field(default_factory=lambda: dict(DEFAULTS))
    ever: dict[str, set[str]] = field(default_factory=lambda: {k: {v} for k, v in DEFAULTS.items()})
    rates: dict[tuple[str, str], dict[str, Fraction]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    unlinked: set[frozenset[str]] = field(default_factory=set)
    decisions: list[Json] = field(default_factory=list)
    suppressed: set[str] = field(default_factory=set)
    ever_suppressed: set[str] = field(default_factory=set)
    influencers: dict[str, Json] = field(default_factory=dict)
    promotions: list[Promotion] = field(default_factory=list)

    @property
    def view_window(self) -> int | None:
        """In days; None when views count as long as clicks."""
        text = self.settings.get("view_window")
        return int(text.removesuffix("d")) if text else None

    @cached_property
    def custom(self) -> Json | None:
        """The tenant's own model; None without one."""
        return definition(self.settings["custom_model"])

    @property
    def custom_version(self) -> str:
        """Of the document's text."""
        text = self.settings["custom_model"].strip(" ")
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    @property
    def models(self) -> tuple[str, ...]:
        return MODELS if self.custom is not None else MODELS[:-1]

    @property
    def enabled_models(self) -> set[str]:
        return {name.strip() for name in self.settings["enabled_models"].split(",")}

    @property
    def listed_models(self) -> set[str]:
        """Those that are switched on and that the tenant has; a document of its own counts even
        where it cannot be used, and then earns nothing."""
        own = bool(self.settings["custom_model"].strip(" "))
        return self.enabled_models & set(MODELS if own else MODELS[:-1])

    @property
    def enabled_windows(self) -> set[str]:
        return {name.strip() for name in self.settings["enabled_windows"].split(",")}

    def converted(self, minor: int, currency: str, date: str) -> int | None:
        """The amount in the reporting currency by the rate of the date, or None without one."""
        reporting = self.settings["currency"]
        if currency == reporting:
            return minor
        known = self.rates.get((currency, reporting), {})
        days = [day for day in known if day <= date]
        if not days:
            return None
        scale = Fraction(10) ** (decimals(reporting) - decimals(currency))
        return round(minor * known[max(days)] * scale)  # a Fraction rounds half to even


def commands(log: Log) -> Commands:
    """Of two commands for one subject the greater (issued_at, command_id) stands."""
    result = Commands()
    for record in sorted(log["commands.v1"], key=lambda r: (r["issued_at"], r["command_id"])):
        body = record["body"]
        match body["kind"]:
            case "setting":
                result.settings[body["key"]] = body["value"]
                result.ever.setdefault(body["key"], set()).add(body["value"])
            case "rate":
                pair = (body["currency"], body["reporting"])
                result.rates[pair][body["date"]] = Fraction(body["rate"])
            case "unlink":
                edge = frozenset((body["a"], body["b"]))
                (result.unlinked.discard if body["linked"] else result.unlinked.add)(edge)
            case "consent":
                result.decisions.append(body)
            case "suppress":
                named = set(body["ids"])
                if body["suppressed"]:
                    result.suppressed.update(named)
                    result.ever_suppressed.update(named)
                else:
                    result.suppressed.difference_update(named)
            case "influencer":
                result.influencers[body["influencer_id"]] = body
            case "model":
                result.promotions.extend(filter(None, [promotion(record)]))
    return result
