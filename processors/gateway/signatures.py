"""Shopify's webhook signature: base64 HMAC-SHA256 of the raw body.

Shopify has two families of header names; both are read.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from typing import Final

_FAMILIES: Final = (b"x-shopify-", b"shopify-")


def header(headers: Mapping[bytes, bytes], name: bytes) -> str:
    """A Shopify header of either family; empty when it is missing."""
    for family in _FAMILIES:
        value = headers.get(family + name)
        if value:
            return value.decode("latin-1").strip()
    return ""


def is_signed(body: bytes, *, signature: str, secrets: Iterable[bytes]) -> bool:
    """Whether any of the secrets signed exactly these bytes; takes the same time for all."""
    given = signature.encode("latin-1", "replace")
    good = False
    for secret in secrets:
        digest = hmac.new(secret, body, hashlib.sha256).digest()
        good |= hmac.compare_digest(base64.b64encode(digest), given)
    return good
