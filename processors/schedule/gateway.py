"""Posting to our own gateway, as a shop or a survey tool would: the repair is then on THE LOG, and
read by the one code that reads everything else."""

import asyncio
import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Final

import orjson

from processors.engine import service_token
from processors.engine.clock import Clock
from processors.engine.vault import Vault
from processors.platforms.base import Request
from processors.platforms.http import Http, Reply, retry_after_seconds

TIMEOUT_SECONDS: Final = 30.0
_TRIES: Final = 5
_PAUSE_SECONDS: Final = 0.5
_WEBHOOK: Final = "/api/webhooks/shopify/orders/updated"
_SURVEY: Final = "/webhooks/survey"
_SPEND: Final = "/v1/spend"


class NoGateway(Exception):
    """No gateway took it; the text says what it answered."""


class Gateway:
    """The gateways of GATEWAY_URL, the first of them that answers."""

    def __init__(self, urls: str) -> None:
        self._urls = [url.strip().rstrip("/") for url in urls.split(",") if url.strip()]
        self._http = Http(timeout_seconds=TIMEOUT_SECONDS, max_connections=16)

    async def webhook(self, body: bytes, *, shop: str, secret: str) -> int:
        """An order as the shop's webhook would bring it; 0 when it was refused for good.

        Raises:
            NoGateway: when none answers, or the signature is refused.
        """
        digest = hmac.new(secret.encode(), body, hashlib.sha256).digest()
        headers = {
            "x-shopify-topic": "orders/updated",
            "x-shopify-shop-domain": shop,
            "x-shopify-hmac-sha256": base64.b64encode(digest).decode(),
        }
        return await self._post(_WEBHOOK, body, headers)

    async def survey(self, body: bytes, *, tenant: str, vault: Vault, clock: Clock) -> int:
        """Answers to a survey; returns how many of them were taken.

        Raises:
            NoGateway: as `webhook`.
        """
        return await self._as_tenant(_SURVEY, body, tenant=tenant, vault=vault, clock=clock)

    async def spend(self, body: bytes, *, tenant: str, vault: Vault, clock: Clock) -> int:
        """Figures of an ad account; returns how many of them were taken.

        Raises:
            NoGateway: as `webhook`.
        """
        return await self._as_tenant(_SPEND, body, tenant=tenant, vault=vault, clock=clock)

    async def _as_tenant(
        self, path: str, body: bytes, *, tenant: str, vault: Vault, clock: Clock
    ) -> int:
        token = service_token.make(vault, tenant, now=clock())
        return await self._post(path, body, {"authorization": f"Bearer {token}"})

    async def _post(self, path: str, body: bytes, headers: Mapping[str, str]) -> int:
        why = "GATEWAY_URL names none"
        for tried in range(_TRIES):
            if tried:
                await asyncio.sleep(_PAUSE_SECONDS * 2**tried)
            for url in self._urls:
                reply = await self._http.post(Request(url + path, body, headers))
                if not isinstance(reply, Reply):
                    why = reply.error
                elif reply.status in (200, 202):
                    return int(orjson.loads(reply.body)["accepted"])
                elif reply.status == 401:
                    raise NoGateway("401: the signature is refused")
                elif reply.status in (429, 503):
                    why = str(reply.status)
                    await asyncio.sleep(min(retry_after_seconds(reply.headers), TIMEOUT_SECONDS))
                elif reply.status < 500:
                    return 0
                else:
                    why = str(reply.status)
            if not self._urls:
                break
        raise NoGateway(f"no gateway took it ({why})")

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()
