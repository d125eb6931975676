"""Which ids mean nothing: what broken scripts send in place of an id would join strangers."""

import hashlib
from typing import Final

_WORDS: Final = frozenset(
    {
        "",
        "null",
        "undefined",
        "none",
        "nan",
        "nil",
        "n/a",
        "na",
        "unknown",
        "anonymous",
        "guest",
        "true",
        "false",
        "-1",
        "(none)",
        "(null)",
        "(not set)",
        "not set",
        "notset",
        "not_set",
        "[object object]",
        "[object undefined]",
        "undefined.undefined",
        "null.null",
        "visitor_unknown",
        "unidentified",
        "{}",
        "[]",
        '""',
        "''",
    }
)
# A page that hashes before it looks sends the hash of nothing, the same for everyone.
_HASHES: Final = frozenset(
    hashlib.sha256(word.encode()).hexdigest() for word in (*_WORDS, "0", "NaN", "None")
)
_LONGEST_WORD: Final = 48
_HASH_LENGTH: Final = 64
_ZEROS: Final = "0-:. "


def is_junk(value: str) -> bool:
    """Whether the value stands for no one: a placeholder, all zeros, or a placeholder's hash."""
    text = value.strip().lower()
    length = len(text)
    if length > _LONGEST_WORD:
        return length == _HASH_LENGTH and (text in _HASHES or not text.strip("0"))
    return text in _WORDS or not text.strip(_ZEROS)
