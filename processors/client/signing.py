"""The signature of a key that must sign: `t=SECONDS,v1=HEX`, the HMAC-SHA256 of `SECONDS.BODY`."""

import hashlib
import hmac
from typing import Final

HEADER: Final = "X-Attributary-Signature"


def signature(body: bytes, *, secret: str, now_ms: int) -> str:
    """The header's value; it holds for five minutes, so each try has its own.

    >>> signature(b"{}", secret="not-a-secret", now_ms=1_790_000_000_000)[:13]
    't=1790000000,'
    """
    at = str(now_ms // 1000)
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256)
    return f"t={at},v1={digest.hexdigest()}"
