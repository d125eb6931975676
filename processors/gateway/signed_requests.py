"""Requests that a key signs: proof that nobody on the way has changed or repeated them.

`X-Attributary-Signature: t=SECONDS,v1=HEX`, where HEX is the HMAC-SHA256 of `SECONDS.BODY` under
the key's signing secret, and BODY is what was sent, before any content encoding. A signature holds
for five minutes; within them an item that has an id or a time is a duplicate when it comes again.
"""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Final

from processors.gateway.refusal import Problem

HEADER: Final = b"x-attributary-signature"
WINDOW_SECONDS: Final = 300

_MOST_PARTS: Final = 8
_MOST_DIGITS: Final = 12


def require(headers: Mapping[bytes, bytes], body: bytes, secret: bytes, *, now: int) -> None:
    """Check the signature; `now` in epoch milliseconds.

    Raises:
        Problem: 401, saying whether it is missing, too old or wrong.
    """
    said = headers.get(HEADER)
    if said is None:
        raise _refused("this key must sign: X-Attributary-Signature: t=SECONDS,v1=HEX")
    parts = [part.strip().partition(b"=") for part in said.split(b",")[:_MOST_PARTS]]
    at = next((value for name, _, value in parts if name == b"t"), b"")
    given = [value.lower() for name, _, value in parts if name == b"v1"]
    if not at.isdigit() or len(at) > _MOST_DIGITS or not given:
        raise _refused("X-Attributary-Signature must be t=SECONDS,v1=HEX")
    digest = hmac.new(secret, at + b"." + body, hashlib.sha256).hexdigest().encode()
    good = False
    for signature in given:
        good |= hmac.compare_digest(digest, signature)
    if not good:
        raise _refused("the signature is wrong")
    if abs(now // 1000 - int(at)) > WINDOW_SECONDS:
        raise _refused(f"the signature is older than {WINDOW_SECONDS} s, or from the future")


def _refused(detail: str) -> Problem:
    return Problem(401, "unauthorized", detail)
