"""Plays requests through the gateway as fast as it takes them, and keeps count of its answers.

A request without an answer (the gateway is killed, restarted, busy or full) is sent again until
it has one, as any sender would: what is acknowledged is in Kafka or in the spool, and what comes
twice is the pipeline's to recognise. Each answer is held against what the request must get.
"""

import asyncio
import base64
import hashlib
import hmac
import ssl
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Final

import httpx
import orjson

from deploy.demo.lines import Request

CONCURRENCY: Final = 16
GIVE_UP_SECONDS: Final = 120.0
_TIMEOUT: Final = httpx.Timeout(20.0, connect=5.0)
_AGAIN: Final = frozenset({408, 429, 499, 502, 503, 504})
_PAUSE_SECONDS: Final = 0.25
_LONGEST_PAUSE_SECONDS: Final = 5.0
_KEPT: Final = 20
_SHOPIFY: Final = "/api/webhooks/shopify/"


class GatewayAway(Exception):
    """A request had no answer for two minutes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What a sender of a tenant needs: its key, and its Shopify domain and secret if it has."""

    key: str
    shop_domain: str = ""
    secret: str = ""


@dataclass(slots=True)
class Played:
    """What was answered so far; `wrong` are answers that differ from what must come."""

    requests: int = 0
    accepted: int = 0
    rejected: int = 0
    spooled: int = 0
    sent_again: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


Told = Callable[[Request, float], None]
Heard = Callable[[Request, int, Mapping[str, object]], None]


class Player:
    """Sends for several tenants over kept-alive connections.

    `told` hears of every acknowledged request, with the time at which it was first sent, and
    `heard` of the status and the body of every answer.
    """

    def __init__(
        self,
        gateway: str,
        accesses: Mapping[str, Access],
        *,
        told: Told | None = None,
        heard: Heard | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._gateway = gateway.rstrip("/")
        self._accesses = accesses
        self._told = told
        self._heard = heard
        self._transport = transport
        self._tls = ssl.create_default_context()  # made once: it reads every authority there is
        self.played = Played()

    async def play(
        self, requests: Sequence[Request], *, step: Callable[[], None] | None = None
    ) -> None:
        """Send all, several at a time, begun in their order.

        Raises:
            GatewayAway: when one has had no answer for too long.
        """
        waiting = iter(requests)
        try:
            async with asyncio.TaskGroup() as tasks:
                for _ in range(min(CONCURRENCY, len(requests))):
                    tasks.create_task(self._send_from(waiting, step))
        except* GatewayAway as group:
            raise group.exceptions[0] from None

    def _client(self) -> httpx.AsyncClient:
        """Of one connection: a pool of sixteen looks at each of them for every request, which is a
        quarter of what a request costs."""
        return httpx.AsyncClient(
            base_url=self._gateway,
            timeout=_TIMEOUT,
            limits=httpx.Limits(max_connections=1),
            transport=self._transport,
            verify=self._tls,
            trust_env=False,
        )

    async def _send_from(self, waiting: Iterator[Request], step: Callable[[], None] | None) -> None:
        async with self._client() as client:
            for request in waiting:
                began = monotonic()
                answer = await self._send(client, request)
                self._note(request, answer)
                if self._told is not None and answer.is_success:
                    self._told(request, began)
                if step is not None:
                    step()

    async def _send(self, client: httpx.AsyncClient, request: Request) -> httpx.Response:
        """The first answer that is one."""
        headers = self._headers(request)
        params = {"key": self._accesses[request.tenant].key} if request.key == "query" else None
        deadline = monotonic() + GIVE_UP_SECONDS
        while True:
            pause = _PAUSE_SECONDS
            try:
                answer = await client.post(
                    request.path, content=request.body, headers=headers, params=params
                )
            except httpx.TransportError as error:
                why = type(error).__name__
            else:
                if answer.status_code not in _AGAIN or answer.status_code == request.expect:
                    return answer
                why = str(answer.status_code)
                pause = _retry_after(answer)
            if monotonic() >= deadline:
                raise GatewayAway(f"{self._gateway}{request.path} had no answer: {why}")
            self.played.sent_again += 1
            await asyncio.sleep(pause)

    def _headers(self, request: Request) -> dict[str, str]:
        access = self._accesses[request.tenant]
        headers = {"Content-Type": "application/json"}
        if request.sign is not None:
            secret = access.secret if request.sign == "shopify" else "not the secret"
            headers |= signed(request.path, request.body, domain=access.shop_domain, secret=secret)
        elif request.key == "header":
            headers["Authorization"] = f"Bearer {access.key}"
        elif request.key == "wrong":
            headers["Authorization"] = "Bearer atk_server_nobody"
        return headers | dict(request.headers)

    def _note(self, request: Request, answer: httpx.Response) -> None:
        played, status = self.played, answer.status_code
        played.requests += 1
        played.statuses[status] += 1
        played.spooled += status == httpx.codes.ACCEPTED
        said = _object(answer)
        if self._heard is not None:
            self._heard(request, status, said)
        accepted, refused = said.get("accepted"), said.get("rejected")
        taken = accepted if isinstance(accepted, int) else 0
        rejected = len(refused) if isinstance(refused, list) else 0
        played.accepted += taken
        played.rejected += rejected
        if (fault := _fault(request, answer, said, taken, rejected)) and len(played.wrong) < _KEPT:
            played.wrong.append(fault)


def signed(path: str, body: bytes, *, domain: str, secret: str) -> dict[str, str]:
    """The headers under which Shopify delivers a webhook."""
    digest = hmac.new(secret.encode(), body, hashlib.sha256).digest()
    return {
        "X-Shopify-Topic": path.removeprefix(_SHOPIFY),
        "X-Shopify-Shop-Domain": domain,
        "X-Shopify-API-Version": "2026-07",
        "X-Shopify-Webhook-Id": str(
            uuid.uuid5(uuid.NAMESPACE_URL, hashlib.sha256(body).hexdigest())
        ),
        "X-Shopify-Hmac-Sha256": base64.b64encode(digest).decode(),
    }


def _fault(
    request: Request, answer: httpx.Response, said: Mapping[str, object], taken: int, rejected: int
) -> str | None:
    """What is wrong with an answer, in words."""
    if request.expect is None:
        return None
    status = answer.status_code
    if status != request.expect and (request.expect, status) != (200, 202):
        return f"{request.path}: {status} instead of {request.expect}: {answer.text[:200]}"
    if request.expect == httpx.codes.OK:
        receipts = said.get("receipts")
        if not isinstance(receipts, list) or len(receipts) != taken:
            return f"{request.path}: {taken} items accepted, but not as many receipts"
        if (taken, rejected) != (request.items - request.rejected, request.rejected):
            return (
                f"{request.path}: {taken} of {request.items} accepted, {rejected} rejected: "
                f"{answer.text[:200]}"
            )
        if status == httpx.codes.OK and any(row.get("offset") is None for row in receipts):
            return f"{request.path}: 200, but a receipt has no offset"
    return None


def _retry_after(answer: httpx.Response) -> float:
    """What the gateway asks for, within reason."""
    said = answer.headers.get("retry-after", "")
    return min(float(said), _LONGEST_PAUSE_SECONDS) if said.isdigit() else _PAUSE_SECONDS


def _object(answer: httpx.Response) -> dict[str, object]:
    try:
        said = orjson.loads(answer.content)
    except orjson.JSONDecodeError:
        return {}
    return said if isinstance(said, dict) else {}
