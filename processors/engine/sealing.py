"""Clear values that only a connector may open, sealed with AES-SIV.

Deterministic on purpose: a replay of the same event seals to the same text, so the content hash
stays. The tenant is associated data: what one tenant's record holds cannot be opened as another's.
"""

import json
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Mapping
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from pydantic import Field, SecretStr

from processors.engine.settings import Incomplete, Settings

KEY_BYTES: Final = 64


class CannotOpen(Exception):
    """Sealed under another key, for another tenant, or damaged."""


class SealSettings(Settings):
    """The key of the deployment."""

    seal_key: SecretStr = Field(validation_alias="ATTRIBUTARY_SEAL_KEY", min_length=1)


class Sealer:
    """Seals and opens small mappings of text."""

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise Incomplete(f"ATTRIBUTARY_SEAL_KEY: needs {KEY_BYTES} bytes in base64")
        self._cipher = AESSIV(key)

    @classmethod
    def from_environment(cls) -> "Sealer":
        """The sealer of ATTRIBUTARY_SEAL_KEY.

        Raises:
            Incomplete: naming the variable.
        """
        text = SealSettings.load().seal_key.get_secret_value()
        try:
            key = b64decode(text, validate=True)
        except Base64Error:
            raise Incomplete("ATTRIBUTARY_SEAL_KEY: not base64") from None
        return cls(key)

    def seal(self, tenant: str, clear: Mapping[str, str]) -> str:
        """The sealed text; the same input gives the same text."""
        plain = json.dumps(dict(clear), sort_keys=True, separators=(",", ":")).encode()
        return b64encode(self._cipher.encrypt(plain, [tenant.encode()])).decode()

    def open(self, tenant: str, sealed: str) -> dict[str, str]:
        """The clear values.

        Raises:
            CannotOpen: without saying why.
        """
        try:
            plain = self._cipher.decrypt(b64decode(sealed, validate=True), [tenant.encode()])
        except (InvalidTag, ValueError):
            raise CannotOpen from None
        opened: dict[str, str] = json.loads(plain)
        return opened


def new_key() -> str:
    """A fresh key, as the variable wants it."""
    return b64encode(AESSIV.generate_key(KEY_BYTES * 8)).decode()
