"""For whoever is told of alerts by webhook: is it ours, is it whole, is it of now?

    from processors.client.alert import NotGenuine, opened

    def hook(headers, body):            # the body as bytes, as they came, before any parsing
        try:
            told = opened(headers, body, [os.environ["ALERT_SECRET"]])
        except NotGenuine:
            return 400
        if seen_before(told["id"]):     # the same at each try: answer 2xx and do nothing
            return 200
        ...

The scheme is Standard Webhooks (github.com/standard-webhooks, spec 1.0), so in other languages its
libraries do the same with the secret as `alert add` prints it. While a secret is replaced (`alert
rotate`) both sign; give both here, in any order, or either.
"""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from processors.client.wire import now_ms

TOLERANCE_SECONDS: Final = 300
_PREFIX: Final = "whsec_"
_MOST_SIGNATURES: Final = 8


class NotGenuine(Exception):
    """It is not signed by any of the secrets, or not lately; the text says which."""


def opened(
    headers: Mapping[str, str],
    body: bytes,
    secrets: Iterable[str],
    *,
    now: int | None = None,
    tolerance_seconds: int = TOLERANCE_SECONDS,
) -> dict[str, Any]:
    """What the alert tells, once its signature is proven. `now` is in epoch milliseconds; header
    names in any case.

    Raises:
        NotGenuine: when a header is missing, no secret fits, or the time is further off than the
            tolerance, either way.
    """
    said = {name.lower(): value for name, value in headers.items()}
    name, at = said.get("webhook-id", ""), said.get("webhook-timestamp", "")
    listed = said.get("webhook-signature", "").split()[:_MOST_SIGNATURES]
    given = [one.removeprefix("v1,").encode() for one in listed if one.startswith("v1,")]
    if not name or not given or not (at.isascii() and at.isdigit()):
        raise NotGenuine("webhook-id, webhook-timestamp and webhook-signature are needed")
    signed = f"{name}.{at}.".encode() + body
    good = False
    for secret in secrets:
        digest = hmac.new(_key(secret), signed, hashlib.sha256).digest()
        for signature in given:
            good |= hmac.compare_digest(base64.b64encode(digest), signature)
    if not good:
        raise NotGenuine("none of the secrets has signed it")
    if abs((now_ms() if now is None else now) // 1_000 - int(at)) > tolerance_seconds:
        raise NotGenuine(f"it was signed more than {tolerance_seconds} s ago, or in the future")
    told = json.loads(body)
    if not isinstance(told, dict) or told.get("id") != name:
        raise NotGenuine("the body is another one's")
    return told


def _key(secret: str) -> bytes:
    if not secret:
        raise ValueError("a secret must not be empty")
    if secret.startswith(_PREFIX):
        try:
            return base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
        except binascii.Error:
            pass
    return secret.encode()
