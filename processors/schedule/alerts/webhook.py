"""An alert as a signed POST.

`X-Attributary-Signature: t=SECONDS,v1=HEX`, HEX being the HMAC-SHA256 of `SECONDS.BODY` under the
alert's secret: the scheme of requests to us, the other way about. `X-Attributary-Id` is the same at
each try; a receiver that has had it answers 2xx and does nothing.
"""

import hashlib
import hmac
from typing import Any, Final

import httpx
import orjson

from processors.platforms.outward import Forbidden, Outward
from processors.schedule.alerts.telling import SENT, Outcome

GONE: Final = 410


async def send(
    outward: Outward, url: str, told: dict[str, Any], *, secret: str, now: int
) -> Outcome:
    """POST it, signed now (epoch milliseconds)."""
    body = orjson.dumps(told)
    try:
        status = await outward.post(url, body, _headers(body, told["id"], secret, now))
    except Forbidden as error:
        return Outcome("given_up", str(error))
    except (httpx.TransportError, httpx.InvalidURL, OSError, TimeoutError) as error:
        return Outcome("pending", type(error).__name__)
    if 200 <= status < 300:
        return SENT
    return Outcome("given_up" if status == GONE else "pending", f"HTTP {status}")


def _headers(body: bytes, name: str, secret: str, now: int) -> dict[str, str]:
    at = str(now // 1000)
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256)
    return {
        "content-type": "application/json",
        "user-agent": "attributary-alerts",
        "x-attributary-id": name,
        "x-attributary-signature": f"t={at},v1={digest.hexdigest()}",
    }
