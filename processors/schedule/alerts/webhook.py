"""An alert as a signed POST, signed twice so that either way of checking works.

Standard Webhooks (github.com/standard-webhooks, spec 1.0): `webhook-id`, `webhook-timestamp` in
epoch seconds, and `webhook-signature`, which is `v1,` and the base64 HMAC-SHA256 of
`ID.TIMESTAMP.BODY` under the bytes that the secret's base64 after `whsec_` stands for. Its
libraries check it as it is; `processors.client.alert` does so, too.

`X-Attributary-Signature: t=SECONDS,v1=HEX`: HEX is the HMAC-SHA256 of `SECONDS.BODY` under the
secret's text: the scheme of requests to us, the other way about.

While a secret is replaced both sign, side by side. A receiver refuses a time that is more than five
minutes off, so a POST that somebody has seen is good for no longer; and the id is the same at each
try, so one that has had it answers 2xx and does nothing.
"""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from typing import Any, Final

import orjson

from processors.platforms.base import Request
from processors.platforms.http import Http, Silence
from processors.platforms.outward import OutwardSettings
from processors.schedule.alerts.secrets import key_of
from processors.schedule.alerts.settings import AlertSettings
from processors.schedule.alerts.telling import SENT, Outcome

GONE: Final = 410
_MOST_BYTES: Final = 1_024


def http(settings: AlertSettings) -> Http:
    """The client for all receivers of a run."""
    return Http(
        timeout_seconds=settings.timeout_seconds,
        max_connections=16,
        outward=OutwardSettings.load(),
        most_bytes=_MOST_BYTES,
    )


async def send(
    client: Http, url: str, told: dict[str, Any], *, secrets: Sequence[str], now: int
) -> Outcome:
    """POST it, signed now (epoch milliseconds) with each of the secrets."""
    body = orjson.dumps(told)
    reply = await client.post(Request(url, body, _headers(body, told["id"], secrets, now)))
    if isinstance(reply, Silence):
        return Outcome("given_up" if reply.forbidden else "pending", reply.error)
    if 200 <= reply.status < 300:
        return SENT
    return Outcome("given_up" if reply.status == GONE else "pending", f"HTTP {reply.status}")


def _headers(body: bytes, name: str, secrets: Sequence[str], now: int) -> dict[str, str]:
    at = str(now // 1000)
    standard = [
        base64.b64encode(_digest(key_of(secret), f"{name}.{at}.".encode() + body)).decode()
        for secret in secrets
    ]
    own = [_digest(secret.encode(), f"{at}.".encode() + body).hex() for secret in secrets]
    return {
        "user-agent": "attributary-alerts",
        "webhook-id": name,
        "webhook-timestamp": at,
        "webhook-signature": " ".join(f"v1,{signature}" for signature in standard),
        "x-attributary-id": name,
        "x-attributary-signature": ",".join([f"t={at}", *(f"v1={each}" for each in own)]),
    }


def _digest(key: bytes, signed: bytes) -> bytes:
    return hmac.new(key, signed, hashlib.sha256).digest()
