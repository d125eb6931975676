"""HTTP to vendors: one pooled client, a hard limit on time, and what the network can do to us.

The one distinction that matters after a failure is whether the request may have arrived. It may
have, unless the failure came before a connection stood.
"""

import asyncio
import hashlib
import logging
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Final

import httpx

from processors.platforms.base import Request
from processors.platforms.outward import Forbidden, OutwardSettings, Transport, checked

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
_A_LANE: Final = 10


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
    """No answer. `may_have_arrived` is false only if the request certainly did not leave;
    `forbidden`: it leads where nothing is sent, and will not until somebody changes the URL."""

    may_have_arrived: bool
    error: str
    latency_ms: int
    forbidden: bool = False


@dataclass(slots=True)
class _Lane:
    """A pool of few connections."""

    client: httpx.AsyncClient
    in_flight: int = 0


class Http:
    """A pooled client that turns every network failure into `Silence`.

    The pool beneath looks at each of its connections for each request, so many connections are
    many small pools. `outward` is given where the URL is not ours: then it may lead to the internet
    alone. Of an answer `most_bytes` are read at most.
    """

    def __init__(
        self,
        *,
        timeout_seconds: float,
        max_connections: int = 100,
        outward: OutwardSettings | None = None,
        most_bytes: int | None = None,
    ) -> None:
        self._timeout_seconds = timeout_seconds
        self._outward = outward
        self._most_bytes = most_bytes
        lanes = max(1, max_connections // _A_LANE)
        self._lanes = [
            _Lane(_client(timeout_seconds, -(-max_connections // lanes), outward))
            for _ in range(lanes)
        ]

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
        lane = min(self._lanes, key=lambda each: each.in_flight)
        lane.in_flight += 1
        started = time.perf_counter()
        try:
            if self._outward is not None:
                checked(request.url, self._outward)
            async with (
                asyncio.timeout(self._timeout_seconds),
                lane.client.stream(
                    method,
                    request.url,
                    content=request.body if method == "POST" else None,
                    headers=dict(headers),
                    params=dict(request.params) or None,
                ) as response,
            ):
                body = await self._read(response)
        except (httpx.TransportError, TimeoutError) as error:
            arrived = not isinstance(error, _NEVER_ARRIVED)
            return Silence(arrived, type(error).__name__, _since(started))
        except Forbidden as error:
            return Silence(False, f"the address is refused: {error}", _since(started), True)
        finally:
            lane.in_flight -= 1
        return Reply(response.status_code, response.headers, body, _since(started))

    async def _read(self, response: httpx.Response) -> bytes:
        if self._most_bytes is None:
            return await response.aread()
        body = bytearray()
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) >= self._most_bytes:
                break
        return bytes(body[: self._most_bytes])

    async def close(self) -> None:
        """Close the connections."""
        for lane in self._lanes:
            await lane.client.aclose()


def _client(
    timeout_seconds: float, connections: int, outward: OutwardSettings | None
) -> httpx.AsyncClient:
    patience = httpx.Timeout(timeout_seconds, connect=min(CONNECT_SECONDS, timeout_seconds))
    if outward is not None:
        guarded = Transport.guarded(outward, authorities=authorities(), connections=connections)
        return httpx.AsyncClient(
            transport=guarded, timeout=patience, follow_redirects=False, trust_env=False
        )
    return httpx.AsyncClient(
        verify=authorities(),
        timeout=patience,
        limits=httpx.Limits(max_connections=connections, keepalive_expiry=30.0),
        follow_redirects=False,
    )


@cache
def authorities() -> ssl.SSLContext:
    """Whom to trust, read once: that takes as long as a request."""
    return httpx.create_ssl_context()


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
