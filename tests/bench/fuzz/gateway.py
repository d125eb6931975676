"""The gateway that is fuzzed: with a login, and with a tenant of any policy, so of any cookie."""

from dataclasses import replace
from typing import Any, Final

from processors.gateway.directory import Directory
from processors.gateway.keyring import User
from processors.gateway.policy import DEFAULT, Policy
from tests.unit.gateway.asking import Gateway
from tests.unit.gateway.test_logins import EMAIL, STORED

DOMAINS: Final = ("shop.example", "brand.example")
POLICIES: Final = (
    DEFAULT,
    Policy(same_site="None", cookie_domains=DOMAINS, silence_grants=False),
    Policy(addresses="truncated", dnt=True, same_site="Lax", cookie_domains=DOMAINS),
    Policy(addresses="none", anonymous=True),
)


class _Settled(Directory):
    """Knows what it knows: there is no Postgres to ask, and a stranger would wait for it."""

    async def ask_again(self) -> None:
        """Nothing."""


class Fuzzed(Gateway):
    """All doors open."""

    directory_type = _Settled

    def __init__(self, *, policy: Policy = DEFAULT, **overrides: Any) -> None:
        super().__init__(**overrides)
        self.directory.snapshot = replace(
            self.directory.snapshot,
            users={EMAIL: User(EMAIL, STORED, 1, "admin", ("demo",))},
            policies={"demo": policy},
            shops={"demo": "shopify"},
        )
