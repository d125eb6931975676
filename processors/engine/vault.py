"""Credentials at rest: encrypted under the first key, opened under any, so that keys can rotate."""

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from pydantic import Field, SecretStr

from processors.engine.settings import Incomplete, Settings


class CannotDecrypt(Exception):
    """Encrypted under a key that is not configured, or damaged."""


class VaultSettings(Settings):
    """Keys, comma-separated, the newest first."""

    vault_key: SecretStr = Field(validation_alias="ATTRIBUTARY_VAULT_KEY", min_length=1)


class Vault:
    """Encrypts and decrypts short texts."""

    def __init__(self, keys: str) -> None:
        try:
            found = [Fernet(key.strip()) for key in keys.split(",") if key.strip()]
            self._fernet = MultiFernet(found)
            self._newest = found[0]
        except (ValueError, IndexError):
            raise Incomplete(
                "ATTRIBUTARY_VAULT_KEY: needs url-safe base64 keys of 32 bytes"
            ) from None

    @classmethod
    def from_environment(cls) -> "Vault":
        """The vault of ATTRIBUTARY_VAULT_KEY.

        Raises:
            Incomplete: naming the variable.
        """
        return cls(VaultSettings.load().vault_key.get_secret_value())

    def encrypt(self, text: str) -> str:
        """Under the first key."""
        return self._fernet.encrypt(text.encode()).decode()

    def decrypt(self, token: str) -> str:
        """Under whichever key fits.

        Raises:
            CannotDecrypt: when none does.
        """
        try:
            return self._fernet.decrypt(token.encode()).decode()
        except InvalidToken:
            raise CannotDecrypt from None

    def is_current(self, token: str) -> bool:
        """Whether it is under the first key."""
        try:
            self._newest.decrypt(token.encode())
        except InvalidToken:
            return False
        return True

    def rotate(self, token: str) -> str:
        """The same text under the first key.

        Raises:
            CannotDecrypt: when no key fits.
        """
        try:
            return self._fernet.rotate(token.encode()).decode()
        except InvalidToken:
            raise CannotDecrypt from None


def new_key() -> str:
    """A fresh key, as the variable wants it."""
    return Fernet.generate_key().decode()
