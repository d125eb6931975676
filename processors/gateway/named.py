"""Whom a body names that nobody has read as items: what is kept of it is sealed under their keys.

An email or a phone number anywhere in it counts, and what stands beside the name of a joining id in
JSON. A body of several people needs the keys of all of them, so the erasure of one shreds it.
"""

import re
from typing import Final

from processors.domain import normalise
from processors.domain.hashing import email_hash, phone_hash
from processors.domain.identifiers import is_junk
from processors.gateway import scrub

MOST: Final = 20
_LOOKED_AT_BYTES: Final = 262_144
_KINDS: Final = {
    "visitor_id": "visitor", "customer_id": "customer", "external_id": "external",
    "device_id": "device", "email_sha256": "email", "phone_sha256": "phone",
}  # fmt: skip
_ID: Final = re.compile(rf'"({"|".join(_KINDS)})"\s*:\s*"?([^"\s,}}\]]{{1,512}})')
_PHONE: Final = re.compile(
    r'"(?:phone|phone_number|ph|tel|mobile)"\s*:\s*"?(\+?[\d ().-]{7,24})', re.IGNORECASE
)


def named(body: bytes) -> tuple[str, ...]:
    """The nodes, `kind:value`, emails first; none for a body that names nobody."""
    text = body[:_LOOKED_AT_BYTES].decode("utf-8", "replace")
    found = {f"email:{email_hash(normal)}" for raw in scrub.emails(text)
             if (normal := normalise.email(raw)) is not None}  # fmt: skip
    for raw in (*scrub.phones(text), *_PHONE.findall(text)):
        if normalise.phone_digits(raw) is not None:
            found.add(f"phone:{phone_hash(raw)}")
    found |= {
        f"{_KINDS[name]}:{scrub.text(value)}"
        for name, value in _ID.findall(text)
        if value != "null" and not is_junk(value)
    }
    return tuple(sorted(found, key=lambda node: (not node.startswith("email:"), node))[:MOST])
