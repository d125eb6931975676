"""Which ids may join two people, which only ride along, and which mean nothing.

A joining id is an edge of the identity graph. An attached id belongs to a visitor and never
joins two people, since a shared link would. A junk id is what broken scripts send in place of
an id: taken as one, it would join strangers.
"""

import hashlib
from collections.abc import Mapping
from typing import Final

JOINING: Final = ("customer", "email", "phone", "external", "device", "visitor")
ATTACHED: Final = ("session", "ga4_client", "fbp", "fbc")

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


def anchor(ids: Mapping[str, str]) -> tuple[str, str] | None:
    """The (kind, value) that an event hangs on: its visitor, else its strongest joining id."""
    visitor = ids.get("visitor")
    if visitor:
        return "visitor", visitor
    for kind in JOINING:
        value = ids.get(kind)
        if value:
            return kind, value
    return None
