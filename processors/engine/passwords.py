"""Passwords at rest: Argon2id, with the parameters in the stored text, so that they can grow.

Argon2id rather than scrypt: as hard on memory, hardened against side channels besides, and the
`cryptography` library, which seals everything else here, has it with its stored form. 19 MiB and
two passes are the least that OWASP asks for.
"""

import secrets
from functools import cache
from typing import Final

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

SHORTEST: Final = 12
LONGEST: Final = 1_024

_PASSES: Final = 2
_KIBIBYTES: Final = 19_456
_LANES: Final = 1
_SALT_BYTES: Final = 16
_HASH_BYTES: Final = 32


def hashed(password: str) -> str:
    """The text to store; takes tens of milliseconds and blocks."""
    kdf = Argon2id(
        salt=secrets.token_bytes(_SALT_BYTES),
        length=_HASH_BYTES,
        iterations=_PASSES,
        lanes=_LANES,
        memory_cost=_KIBIBYTES,
    )
    return kdf.derive_phc_encoded(password.encode())


def is_right(password: str, stored: str) -> bool:
    """Whether it is the password of the stored text; as slow as `hashed`."""
    try:
        Argon2id.verify_phc_encoded(password.encode(), stored)
    except (InvalidKey, ValueError):
        return False
    return True


@cache
def nobodys() -> str:
    """What a password is held against when there is no such login, so that the answer takes as
    long."""
    return hashed(secrets.token_urlsafe())
