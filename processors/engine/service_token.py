"""How one of our own processes asks the gateway for a tenant, whose keys are stored hashed.

A token names the tenant and its time under the vault key, which both have; it is good for minutes,
and whoever could forge one could open every stored credential anyway.
"""

import json
from typing import Final

from processors.engine.vault import CannotDecrypt, Vault

PREFIX: Final = "ats_"
VALID_MS: Final = 300_000
_PURPOSE: Final = "service-token"


def make(vault: Vault, tenant: str, *, now: int) -> str:
    """A bearer token for the tenant; `now` in epoch milliseconds."""
    return PREFIX + vault.encrypt(json.dumps([_PURPOSE, tenant, now]))


def tenant_of(vault: Vault, given: str, *, now: int) -> str | None:
    """Whose token it is; None when it is none, too old, or from the future."""
    try:
        purpose, tenant, made = json.loads(vault.decrypt(given.removeprefix(PREFIX)))
    except (CannotDecrypt, ValueError, TypeError):
        return None
    if purpose != _PURPOSE or type(tenant) is not str or type(made) is not int:
        return None
    return tenant if abs(now - made) <= VALID_MS else None
