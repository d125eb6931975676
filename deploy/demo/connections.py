"""What a tenant of the demo says of its account at a platform, such as the simulators take it.

Nothing is listed by platform but how a few of them spell an account: each setting gets the first of
a few values that its own `read` takes, so that a platform which joins the registry is connected,
too.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from processors.domain.event_names import platform_name
from processors.domain.events import StandardEvent
from processors.platforms import event_map
from processors.platforms.base import ACCOUNT_ID, OAUTH_PART, ConnectionField
from processors.platforms.registry import CONNECTORS
from schemas.delivery import Platform

_FIRST_RULE: Final = 1001
_RULES: Final = ",".join(
    f"{event}={number}" for number, event in enumerate(StandardEvent, start=_FIRST_RULE)
)
"""Of each standard event the conversion rule, goal or action at platforms that know no names."""
_LASTING: Final = frozenset({"access_token", "private_key"})
_BUYING: Final = frozenset({OAUTH_PART, "client_id", "client_secret"})
_SPELT: Final[Mapping[str, str]] = {
    "ga4_measurement_id": "G-DEMO{short:06d}",
    "sgtm_measurement_id": "G-DEMO{short:06d}",
    "tiktok_pixel_code": "C{number}",
}
_UNSAID: Final = frozenset(
    {
        "meta_ad_account_id", "sgtm_preview_header", "snapchat_ad_account_id",
        "tiktok_advertiser_id",
    }
)  # fmt: skip
"""What would start other work: reports of an ad account, a container's preview."""


def settings(tenant: str, platform: Platform) -> Iterator[str]:
    """`name=value` for `tenant set`; accounts differ from tenant to tenant."""
    fields = CONNECTORS[platform].connection
    lasting = any(field.part in _LASTING for field in fields.values())
    for name, field in fields.items():
        if name in _UNSAID or (lasting and field.part in _BUYING):
            continue
        if (value := _value(tenant, name, field)) is not None:
            yield f"{name}={value}"


def name_at(platform: Platform, event: StandardEvent) -> str | None:
    """What the platform calls an event of the demo's tenants: by the tenant's own rule where it
    knows no names."""
    fields = CONNECTORS[platform].connection
    for said in settings("demo", platform):
        name, _, value = said.partition("=")
        if value == _RULES:
            return event_map.of(fields[name].read(value))[event]
    return platform_name(event, platform)


def _value(tenant: str, name: str, field: ConnectionField) -> str | None:
    """The first that can be read; None for a choice that has a default of its own."""
    short = sum(tenant.encode())
    number = str(1_000_000_000 + short)
    words = (f"demo-{field.part}", _RULES, "on", f"https://{tenant}.example.com")
    spelt = _SPELT.get(name)
    if spelt is not None:
        return spelt.format(short=short, number=number)
    for value in (number, *words) if field.part == ACCOUNT_ID else (*words, number):
        try:
            field.read(value)
        except ValueError:
            continue
        return value
    return None
