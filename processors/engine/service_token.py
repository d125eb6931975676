"""How one of our own processes asks the gateway for a tenant, whose keys are stored hashed.

A token names the tenant and its time under the vault key, which both have; it is good for minutes,
and whoever could forge one could open every stored credential anyway.
"""

import json
from typing import Final

from processors.engine.vault import CannotDecrypt, Vault

PREFIX: Final = "ats_"
VALID_MS: Final = 300_000
_SERVER: Final = "service-token"
_BROWSER: Final = "browser-token"


def make(vault: Vault, tenant: str, *, now: int, server: bool = True) -> str:
    """A bearer token for the tenant; `now` in epoch milliseconds. One that is not a server's may
    do what a browser's key may."""
    purpose = _SERVER if server else _BROWSER
    return PREFIX + vault.encrypt(json.dumps([purpose, tenant, now]))


def holder_of(vault: Vault, given: str, *, now: int) -> tuple[str, bool] | None:
    """Whose token it is, and whether a server's; None when it is none, too old, or from the
    future."""
    try:
        purpose, tenant, made = json.loads(vault.decrypt(given.removeprefix(PREFIX)))
    except (CannotDecrypt, ValueError, TypeError):
        return None
    if purpose not in (_SERVER, _BROWSER) or type(tenant) is not str or type(made) is not int:
        return None
    return (tenant, purpose == _SERVER) if abs(now - made) <= VALID_MS else None
