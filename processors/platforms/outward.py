"""Where a URL that a tenant or a vendor's answer chose may not lead: to our own servers.

The guard stands where the connection is made, beneath whatever reads URLs: the name is resolved
once, every address that it has must be public, and the connection goes to one of these and not to
the name again, which may mean another one by then. Certificate, SNI and `Host` are those of the
name. No proxy is asked, which would resolve the name by itself, and no redirect is followed.
"""

import asyncio
import socket
import ssl
from collections.abc import Iterable
from ipaddress import ip_address
from typing import Final, Self

import httpcore
import httpx
from pydantic import AliasChoices, Field, field_validator
from pydantic_settings import SettingsConfigDict

from processors.domain.addresses import is_public
from processors.engine.settings import Settings

_MOST_TRIED: Final = 3


class Forbidden(Exception):
    """The URL leads where nothing is sent; the text names no part of it."""


class OutwardSettings(Settings):
    """Where URLs of tenants may lead."""

    model_config = SettingsConfigDict(env_prefix="ATTRIBUTARY_OUTWARD_")

    private_targets: bool = Field(
        False,
        validation_alias=AliasChoices(
            "ATTRIBUTARY_OUTWARD_PRIVATE_TARGETS", "ATTRIBUTARY_ALERT_PRIVATE_TARGETS"
        ),
        description="to http, to our own network, to any port: for trials",
    )
    ports: str = Field("443,8443", description="that may be called, with commas between")

    @field_validator("ports")
    @classmethod
    def _are_ports(cls, text: str) -> str:
        if not all(port.strip().isdecimal() for port in text.split(",")):
            raise ValueError("must be numbers with commas between")
        return text

    def allows(self, port: int) -> bool:
        """Whether this port may be called."""
        return self.private_targets or port in {int(each) for each in self.ports.split(",")}


def checked(url: str, settings: OutwardSettings) -> httpx.URL:
    """A URL that may be called, as far as can be told without resolving it.

    Raises:
        Forbidden: saying why.
    """
    if any(ord(char) <= 32 or ord(char) == 127 or char == "\\" for char in url):
        raise Forbidden("it has spaces")
    try:
        parts = httpx.URL(url)
    except httpx.InvalidURL:
        raise Forbidden("it is no URL") from None
    if parts.scheme != "https" and not (settings.private_targets and parts.scheme == "http"):
        raise Forbidden("it must begin with https://")
    if not parts.host or parts.userinfo or parts.port == 0:
        raise Forbidden("it needs a host, and no user")
    if parts.port is not None and not settings.allows(parts.port):
        raise Forbidden("its port is none that may be called")
    if not settings.private_targets and _is_address(parts.host) and not is_public(parts.host):
        raise Forbidden("its host is not on the public internet")
    return parts


class Transport(httpx.AsyncHTTPTransport):
    """httpx's own transport, whose connections are made by the guard."""

    @classmethod
    def guarded(
        cls, settings: OutwardSettings, *, authorities: ssl.SSLContext, connections: int
    ) -> Self:
        """With so many connections at most."""
        made = cls(verify=authorities, trust_env=False)
        made._pool = httpcore.AsyncConnectionPool(
            ssl_context=authorities,
            max_connections=connections,
            keepalive_expiry=30.0,
            network_backend=_Guard(settings),
        )
        return made


class _Guard(httpcore.AsyncNetworkBackend):
    """Connects to public addresses only."""

    def __init__(self, settings: OutwardSettings) -> None:
        self._settings = settings
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A connection to one of the host's addresses, all of which are public.

        Raises:
            Forbidden: when one is not, or the port may not be called.
            httpcore.ConnectError, httpcore.ConnectTimeout: when none answers.
        """
        if not self._settings.allows(port):
            raise Forbidden("its port is none that may be called")
        failed: httpcore.ConnectError | httpcore.ConnectTimeout | None = None
        for address in (await self._resolved(host, port))[:_MOST_TRIED]:
            try:
                return await self._network.connect_tcp(
                    address, port, timeout, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
        raise failed or httpcore.ConnectError("the name has no address")

    async def sleep(self, seconds: float) -> None:
        """Between two tries of the pool."""
        await asyncio.sleep(seconds)

    async def _resolved(self, host: str, port: int) -> list[str]:
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise httpcore.ConnectError("the name is not resolved") from None
        addresses = [str(one[4][0]) for one in found]
        if not self._settings.private_targets and not all(map(is_public, addresses)):
            raise Forbidden("its host is not on the public internet")
        return list(dict.fromkeys(addresses))


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
