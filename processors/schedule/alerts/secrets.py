"""What signs an alert's webhook: one secret, and while it is replaced the one before, until its
end. Both lie in one encrypted text, `NEW` or `NEW OLD@EPOCH_MS`, so that whatever puts secrets
under another key of the vault takes both along.
"""

import base64
import binascii
import secrets
from typing import Final

PREFIX: Final = "whsec_"
_BYTES: Final = 32


def fresh() -> str:
    """A new secret, as Standard Webhooks writes it: `whsec_` and the base64 of random bytes."""
    return PREFIX + base64.b64encode(secrets.token_bytes(_BYTES)).decode()


def key_of(secret: str) -> bytes:
    """The bytes that sign under Standard Webhooks; a secret of another form is its own text."""
    if secret.startswith(PREFIX):
        try:
            return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
        except binascii.Error:
            pass
    return secret.encode()


def replaced(text: str, new: str, *, until: int) -> str:
    """The text after its newest secret has been replaced, and signs until then (epoch ms)."""
    return f"{new} {text.split(' ')[0]}@{until}"


def signing(text: str, *, now: int) -> list[str]:
    """The secrets that sign at this time (epoch milliseconds), the newest first."""
    newest, *others = text.split(" ")
    found = [newest]
    for other in others:
        secret, _, until = other.rpartition("@")
        if now <= int(until):
            found.append(secret)
    return found
