"""Clear values that only a connector may open, sealed with AES-SIV.

What is sealed for somebody needs two halves of a key: the deployment's, from the environment, and
the person's, 32 random bytes in `person_keys` (RFC 5869: the first is the secret, the second the
salt). So neither the database nor the environment opens anything alone, and deleting one row shreds
everything that was ever sealed for that person, wherever it lies. The text names whose keys it
needs; of several all of them: `2.SUBJECT:KEY,SUBJECT:KEY.BASE64`. What names nobody, and what was
sealed before there were keys of people, is under the deployment's key alone.

Deterministic on purpose: a replay of the same event seals to the same text. The tenant is
associated data: what one tenant's record holds cannot be opened as another's.
"""

import hashlib
import json
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import Field, SecretStr

from processors.engine.settings import Incomplete, Settings

KEY_BYTES: Final = 64
PERSON_KEY_BYTES: Final = 32
_FORM: Final = "2."
_KEY_ID_CHARACTERS: Final = 12

Name = tuple[str, str]
"""(subject, key id)."""


class CannotOpen(Exception):
    """Sealed under another key, for another tenant, or damaged."""


class Erased(CannotOpen):
    """A key of somebody is gone."""


@dataclass(frozen=True, slots=True)
class PersonKey:
    """A key of a subject (`ids.subject_id`)."""

    subject: str
    key: bytes = field(repr=False)

    @property
    def key_id(self) -> str:
        """What a sealed text calls it."""
        return hashlib.sha256(self.key).hexdigest()[:_KEY_ID_CHARACTERS]


class SealSettings(Settings):
    """The key of the deployment."""

    seal_key: SecretStr = Field(validation_alias="ATTRIBUTARY_SEAL_KEY", min_length=1)


class Sealer:
    """Seals and opens small mappings of text."""

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise Incomplete(f"ATTRIBUTARY_SEAL_KEY: needs {KEY_BYTES} bytes in base64")
        self._master = key
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

    def seal(self, tenant: str, clear: Mapping[str, str], nodes: Sequence[str] = ()) -> str:  # noqa: ARG002
        """The text sealed under the deployment's key alone, whoever `nodes` are; the same input
        gives the same text."""
        return b64encode(self._cipher.encrypt(_plain(clear), [tenant.encode()])).decode()

    def take(self) -> tuple[()]:
        """Nothing waits for a key."""
        return ()

    def seal_for(self, tenant: str, clear: Mapping[str, str], keys: Sequence[PersonKey]) -> str:
        """The text sealed for people, which all of these keys open, and not one less."""
        said = ",".join(f"{key.subject}:{key.key_id}" for key in keys)
        cipher = _cipher(self._master, b"".join(key.key for key in keys))
        sealed = cipher.encrypt(_plain(clear), [tenant.encode(), said.encode()])
        return f"{_FORM}{said}.{b64encode(sealed).decode()}"

    def open(
        self, tenant: str, sealed: str, keys: Mapping[Name, bytes] | None = None
    ) -> dict[str, str]:
        """The clear values; `keys` are those of `names_of`.

        Raises:
            Erased: when a key that it names is not given.
            CannotOpen: without saying why.
        """
        found = names_of(sealed)
        cipher, bound = self._cipher, [tenant.encode()]
        if found:
            salt = [(keys or {}).get(name) for name in found]
            if None in salt:
                raise Erased
            cipher = _cipher(self._master, b"".join(key for key in salt if key))
            said, _, sealed = sealed.removeprefix(_FORM).partition(".")
            bound.append(said.encode())
        try:
            plain = cipher.decrypt(b64decode(sealed, validate=True), bound)
        except (InvalidTag, ValueError):
            raise CannotOpen from None
        opened: dict[str, str] = json.loads(plain)
        return opened


def names_of(sealed: str) -> list[Name]:
    """Whose keys the text needs beside the deployment's; none for one of the older form."""
    if not sealed.startswith(_FORM):
        return []
    said = sealed.removeprefix(_FORM).partition(".")[0]
    pairs = (part.partition(":") for part in said.split(","))
    return [(subject, key_id) for subject, _, key_id in pairs]


def _plain(clear: Mapping[str, str]) -> bytes:
    return json.dumps(dict(clear), sort_keys=True, separators=(",", ":")).encode()


@lru_cache(4096)
def _cipher(master: bytes, salt: bytes) -> AESSIV:
    derive = HKDF(SHA512(), length=KEY_BYTES, salt=salt, info=b"attributary person")
    return AESSIV(derive.derive(master))


def new_key() -> str:
    """A fresh key, as the variable wants it."""
    return b64encode(AESSIV.generate_key(KEY_BYTES * 8)).decode()
