"""SHA-256 as join key and as the form in which platforms take personal data.

The join keys are the hash of the trimmed, lower-cased email and of the phone's E.164 digits
without the plus: an `email_sha256` from outside is taken to be that form.
"""

import hashlib
import re
from typing import Final

from processors.domain.phones import bare_digits

_SHA256: Final = re.compile(r"[0-9a-fA-F]{64}")


def sha256_hex(text: str) -> str:
    """The lower-case hex digest of the text's UTF-8."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def email_hash(email: str) -> str:
    """The join key of an email; give it one that `normalise.email` accepts."""
    return sha256_hex(email.strip().lower())


def phone_hash(phone: str) -> str:
    """The join key of a phone; give it one that `normalise.phone_digits` accepts."""
    return sha256_hex(bare_digits(phone))


def is_sha256(value: str) -> bool:
    """Whether this is a hex digest already, in either case; lower it before use."""
    return _SHA256.fullmatch(value) is not None
