"""A phone number as bare E.164 digits, the form that every hash and join key starts from.

There is no numbering plan here: a number without its country code stays without one.
"""

import re
import unicodedata
from typing import Final

_MIN_DIGITS: Final = 7
_MAX_DIGITS: Final = 15

_EXTENSION: Final = re.compile(r"(?:;|\bext|\s*x\s*\d|#).*$", re.IGNORECASE | re.DOTALL)
_TRUNK_ZERO: Final = re.compile(r"\(\s*0\s*\)")
_NOT_DIGITS: Final = re.compile(r"[^0-9]+")


def _ascii_digits(text: str) -> str:
    """Digits of any script as 0-9; full-width and Arabic keyboards send their own."""
    return "".join(
        char if (digit := unicodedata.decimal(char, None)) is None else str(digit) for char in text
    )


def bare_digits(raw: str) -> str:
    """The digits that count: no symbols, extension, bracketed trunk zero or leading zeros."""
    if raw.isdigit() and raw.isascii():
        return raw.lstrip("0")
    text = raw if raw.isascii() else _ascii_digits(raw)
    text = _TRUNK_ZERO.sub("", _EXTENSION.sub("", text))
    return _NOT_DIGITS.sub("", text).lstrip("0")


def phone_digits(raw: str) -> str | None:
    """E.164 digits without the plus, or None when it cannot be a phone number."""
    digits = bare_digits(raw)
    return digits if _MIN_DIGITS <= len(digits) <= _MAX_DIGITS else None
