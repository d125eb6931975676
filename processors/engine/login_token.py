"""What a login gets instead of sending its password each time: a token under the vault key.

It names the login, the generation of its tokens and its end. Nothing of it is stored: a gateway
reads the login's present generation with its keys, and raising that voids every token made before.
The vault's own format encrypts and authenticates, and rotates with its keys, so there is neither
an algorithm to choose nor a header to believe.
"""

import json
from dataclasses import dataclass
from typing import Final

from processors.engine.vault import CannotDecrypt, Vault

PREFIX: Final = "atl_"
_PURPOSE: Final = "login-token"


@dataclass(frozen=True, slots=True)
class Told:
    """What a token says; `until` in epoch milliseconds."""

    email: str
    generation: int
    until: int


def make(vault: Vault, told: Told) -> str:
    """A bearer token."""
    said = [_PURPOSE, told.email, told.generation, told.until]
    return PREFIX + vault.encrypt(json.dumps(said))


def read(vault: Vault, given: str) -> Told | None:
    """What the token says; None when it is none of ours. Its end is for the caller to hold."""
    try:
        purpose, email, generation, until = json.loads(vault.decrypt(given.removeprefix(PREFIX)))
    except (CannotDecrypt, ValueError, TypeError):
        return None
    if purpose != _PURPOSE or type(email) is not str:
        return None
    if type(generation) is not int or type(until) is not int:
        return None
    return Told(email, generation, until)
