"""What a tenant asks of the door about its visitors: settings, which are commands of the log.

What they decide is stamped into each record as it is made, so the log says all of it, and a rebuild
asks for none of them. A value that cannot be used is the default, as in `attribution_settings`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

Addresses = Literal["full", "truncated", "none"]

SETTINGS: Final = (
    "ip_policy", "gpc", "dnt", "anonymous_visitors", "id_cookie", "id_cookie_domains",
    "consent_when_absent",
)  # fmt: skip
"""The settings that the door reads."""

_ADDRESSES: Final[dict[str, Addresses]] = {"truncated": "truncated", "none": "none"}
_SAME_SITE: Final = {"lax": "Lax", "strict": "Strict", "none": "None"}


@dataclass(frozen=True, slots=True)
class Policy:
    """One tenant's.

    `same_site` is that of the id cookie, None without one; `cookie_domains` are the shop's, longest
    first. `silence_grants` is what an absent consent flag means.
    """

    addresses: Addresses = "full"
    gpc: bool = True
    dnt: bool = False
    anonymous: bool = False
    same_site: str | None = None
    cookie_domains: tuple[str, ...] = ()
    silence_grants: bool = True


DEFAULT: Final = Policy()


def policies(rows: Iterable[tuple[str, str, str]]) -> dict[str, Policy]:
    """Of (tenant, key, value); a tenant that set nothing is absent."""
    said: dict[str, dict[str, str]] = {}
    for tenant, key, value in rows:
        said.setdefault(tenant, {})[key] = value.strip().lower()
    return {tenant: policy(own) for tenant, own in said.items()}


def policy(said: Mapping[str, str]) -> Policy:
    """Of one tenant's settings."""
    return Policy(
        addresses=_ADDRESSES.get(said.get("ip_policy", ""), "full"),
        gpc=said.get("gpc") != "ignore",
        dnt=said.get("dnt") == "respect",
        anonymous=said.get("anonymous_visitors") == "always",
        same_site=_SAME_SITE.get(said.get("id_cookie", "")),
        cookie_domains=domains(said.get("id_cookie_domains", "")),
        silence_grants=said.get("consent_when_absent") != "denied",
    )


def domains(text: str) -> tuple[str, ...]:
    """A comma-separated list, longest first, so that the first one that fits fits best."""
    names = {name.strip().strip(".").lower() for name in text.split(",")} - {""}
    return tuple(sorted(names, key=lambda name: (-len(name), name)))


def domain_of(host: str, known: Iterable[str]) -> str | None:
    """The longest of the domains that the host is, or lies under."""
    name = host.lower().rstrip(".")
    return next((own for own in known if name == own or name.endswith("." + own)), None)
