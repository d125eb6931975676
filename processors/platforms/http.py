"""HTTP to vendors: one pooled client, a hard limit on time, and what the network can do to us.

The one distinction that matters after a failure is whether the request may have arrived. It may
have, unless the failure came before a connection stood.
"""

import asyncio
import hashlib
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Final

import httpx

from processors.platforms.base import Request

# Its log lines hold whole URLs, and a URL may hold a secret.
for _noisy in ("httpx", "httpcore"):
    logging.getLogger(_noisy).setLevel(logging.WARNING)

_NEVER_ARRIVED: Final = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
    httpx.ProxyError,
)
CONNECT_SECONDS: Final = 3.0
MAX_PAUSE_SECONDS: Final = 3_600.0


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, whole."""

    status: int
    headers: httpx.Headers
    body: bytes
    latency_ms: int

    @property
    def digest(self) -> str:
        """SHA-256 of the body."""
        return hashlib.sha256(self.body).hexdigest()


@dataclass(frozen=True, slots=True)
class Silence:
    """No answer. `may_have_arrived` is false only if the request certainly did not leave."""

    may_have_arrived: bool
    error: str
    latency_ms: int


class Http:
    """A pooled client that turns every network failure into `Silence`."""

    def __init__(self, *, timeout_seconds: float, max_connections: int = 100) -> None:
        self._timeout_seconds = timeout_seconds
        self._client = httpx.AsyncClient(
            timeout=httpx.Timeout(timeout_seconds, connect=min(CONNECT_SECONDS, timeout_seconds)),
            limits=httpx.Limits(max_connections=max_connections, keepalive_expiry=30.0),
            follow_redirects=False,
        )

    async def post(self, request: Request) -> Reply | Silence:
        """Send it."""
        headers = {"content-type": "application/json", **request.headers}
        return await self._exchange("POST", request, headers)

    async def get(self, request: Request) -> Reply | Silence:
        """Ask for it; the request's body is not sent."""
        return await self._exchange("GET", request, request.headers)

    async def _exchange(
        self, method: str, request: Request, headers: Mapping[str, str]
    ) -> Reply | Silence:
        """The time limit covers the whole exchange, not each read of it."""
        started = time.perf_counter()
        try:
            async with asyncio.timeout(self._timeout_seconds):
                response = await self._client.request(
                    method,
                    request.url,
                    content=request.body if method == "POST" else None,
                    headers=dict(headers),
                    params=dict(request.params) or None,
                )
        except (httpx.TransportError, TimeoutError) as error:
            arrived = not isinstance(error, _NEVER_ARRIVED)
            return Silence(arrived, type(error).__name__, _since(started))
        return Reply(response.status_code, response.headers, response.content, _since(started))

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()


def retry_after_seconds(headers: httpx.Headers) -> float:
    """What `Retry-After` asks for, as seconds or as a date beside the answer's own; 0 without."""
    asked = headers.get("retry-after", "").strip()
    if not asked:
        return 0.0
    if asked.isdigit():
        return min(float(asked), MAX_PAUSE_SECONDS)
    try:
        until = parsedate_to_datetime(asked)
        pause = (until - parsedate_to_datetime(headers.get("date", ""))).total_seconds()
    except (TypeError, ValueError):
        return 0.0
    return min(max(pause, 0.0), MAX_PAUSE_SECONDS)


def digest(request: Request) -> str:
    """SHA-256 of the request's body."""
    return hashlib.sha256(request.body).hexdigest()


def _since(started: float) -> int:
    return round((time.perf_counter() - started) * 1000)
