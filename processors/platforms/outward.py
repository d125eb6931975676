"""POST to a URL that a tenant chose, where it may not lead us to our own servers.

The name is resolved once and every address that it has must be public; the connection goes to one
of these addresses and not to the name again, which may mean another one by then. Certificate and
`Host` are those of the name. A redirect is an answer like any other.
"""

import asyncio
import socket
from collections.abc import Mapping
from typing import Final
from urllib.parse import SplitResult, urlsplit

import httpx

from processors.domain.addresses import is_public

_PORTS: Final = {"https": 443, "http": 80}


class Forbidden(Exception):
    """The URL leads where nothing is sent; the text names no part of it."""


def checked(url: str, *, private: bool) -> SplitResult:
    """The parts of a URL that may be posted to, as far as can be told without resolving it.

    Args:
        private: `http` is allowed, too.

    Raises:
        Forbidden: saying why.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Forbidden("it is no URL") from None
    if parts.scheme != "https" and not (private and parts.scheme == "http"):
        raise Forbidden("it must begin with https://")
    if not parts.hostname or parts.username or parts.password or port == 0:
        raise Forbidden("it needs a host, and no user")
    if any(ord(char) <= 32 or ord(char) == 127 for char in url):
        raise Forbidden("it has spaces")
    return parts


class Outward:
    """A client for URLs of tenants."""

    def __init__(self, *, timeout_seconds: float, private: bool) -> None:
        self._timeout_seconds = timeout_seconds
        self._private = private
        self._client = httpx.AsyncClient(
            verify=httpx.create_ssl_context(),
            timeout=timeout_seconds,
            follow_redirects=False,
            trust_env=False,  # a proxy would resolve the name by itself
            # A connection is kept under its address, which other names may share.
            limits=httpx.Limits(max_connections=16, max_keepalive_connections=0),
        )

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        """Send it; returns the status. The answer's body is not read.

        Raises:
            Forbidden: when the URL, or any address that its host has, is not public.
            httpx.TransportError, OSError, TimeoutError: when there is no answer in time.
        """
        parts = checked(url, private=self._private)
        host = str(parts.hostname)
        async with asyncio.timeout(self._timeout_seconds):
            address = await self._resolved(host, parts.port or _PORTS[parts.scheme])
            shown = f"[{address}]" if ":" in address else address
            port = "" if parts.port is None else f":{parts.port}"
            named = f"[{host}]" if ":" in host else host
            async with self._client.stream(
                "POST",
                parts._replace(netloc=f"{shown}{port}", fragment="").geturl(),
                content=body,
                headers={**headers, "host": f"{named}{port}"},
                extensions={"sni_hostname": host},
            ) as response:
                return response.status_code

    async def _resolved(self, host: str, port: int) -> str:
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = [str(one[4][0]) for one in found]
        if not self._private and not all(map(is_public, addresses)):
            raise Forbidden("its host is not on the public internet")
        return addresses[0]

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()
