"""`state`: whose sign-in it is that comes back (RFC 6749, section 10.12), and PKCE (RFC 7636).

The state is under the vault key, which authenticates it: nobody else can make or change one. It is
of one tenant, one user and one platform, and for ten minutes. That it is used once, the row of its
nonce ensures, which is taken with it; the code verifier stands there and never leaves us.
"""

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass
from typing import Final

from processors.engine.vault import CannotDecrypt, Vault
from processors.platforms.connecting.refusal import NotConnected

LASTS_MS: Final = 600_000
_PURPOSE: Final = "connect"
_LONGEST: Final = 2_048


@dataclass(frozen=True, slots=True)
class Whose:
    """Who connects: a login's email, or what an operator or a key is called."""

    tenant: str
    user: str
    platform: str


def make(vault: Vault, whose: Whose, *, now: int) -> tuple[str, str]:
    """A state and the digest of its nonce; `now` in epoch milliseconds."""
    nonce = secrets.token_urlsafe(24)
    said = [_PURPOSE, nonce, whose.tenant, whose.user, whose.platform, now + LASTS_MS]
    return vault.encrypt(json.dumps(said)), _digest(nonce)


def read(vault: Vault, state: str, whose: Whose, *, now: int) -> str:
    """The digest of the nonce.

    Raises:
        NotConnected: bad_state for one that is not ours or too old, forbidden for somebody else's.
    """
    try:
        said = json.loads(vault.decrypt(state)) if len(state) <= _LONGEST else None
    except (CannotDecrypt, ValueError):
        said = None
    if type(said) is not list or len(said) != 6 or said[0] != _PURPOSE:
        raise NotConnected("bad_state", "the state is none of ours; begin again")
    _, nonce, tenant, user, platform, until = said
    if (tenant, user, platform) != (whose.tenant, whose.user, whose.platform):
        raise NotConnected("forbidden", "this sign-in was begun by somebody else")
    if now >= until:
        raise NotConnected("bad_state", "the sign-in took more than ten minutes; begin again")
    return _digest(nonce)


def verifier() -> str:
    """A code verifier of 43 characters."""
    return secrets.token_urlsafe(32)


def challenge(code_verifier: str) -> str:
    """What the vendor is shown of it first, by S256."""
    digest = hashlib.sha256(code_verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _digest(nonce: str) -> str:
    return hashlib.sha256(nonce.encode()).hexdigest()
