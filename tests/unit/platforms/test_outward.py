"""A URL that a tenant chose leads to the internet or nowhere."""

import asyncio
import socket
from pathlib import Path
from typing import Any

import httpx
import pytest

from processors.domain.addresses import is_public
from processors.platforms.outward import Forbidden, Outward, checked
from tests.support.receivers import Web, certified, listening

PRIVATE = [
    "127.0.0.1", "10.0.0.1", "192.168.1.1", "172.16.0.1", "169.254.169.254", "100.64.0.1",
    "0.0.0.0", "224.0.0.1", "255.255.255.255", "192.0.2.1", "::1", "::", "fe80::1", "fe80::1%eth0",
    "fd00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1",
    "2002:7f00:1::", "2001:db8::1", "localhost", "", "127.1",
]  # fmt: skip
PUBLIC = ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]


def test_only_addresses_of_the_internet_are_public() -> None:
    assert [address for address in PRIVATE if is_public(address)] == []
    assert [address for address in PUBLIC if not is_public(address)] == []


@pytest.mark.parametrize(
    "url",
    ["http://shop.example/x", "ftp://shop.example", "https://", "https://user:word@shop.example",
     "https://shop.example:port/", "https://shop.example/a b", "https://shop.example/\r\nx: y",
     "shop.example", "https://shop.example:0/", "https://[::1/"],
)  # fmt: skip
def test_what_is_no_address_of_a_web_server_is_refused(url: str) -> None:
    with pytest.raises(Forbidden):
        checked(url, private=False)


def resolving(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """Names resolve to the next of the answers."""
    asked: list[str] = []

    async def found(_: Any, host: str, port: int, **__: Any) -> list[Any]:
        asked.append(host)
        addresses = answers[min(len(asked), len(answers)) - 1]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in addresses]

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", found)
    return asked


@pytest.mark.parametrize(
    "addresses", [["127.0.0.1"], ["8.8.8.8", "127.0.0.1"], ["::ffff:127.0.0.1"]]
)
async def test_a_name_that_leads_home_is_not_followed(
    addresses: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    web = Web()
    async with listening(web):
        resolving(monkeypatch, addresses)
        outward = Outward(timeout_seconds=2, private=False)
        with pytest.raises(Forbidden, match="public internet"):
            await outward.post(f"https://evil.example:{web.port}/", b"{}", {})
        await outward.close()
    assert web.posts == []


async def test_the_connection_goes_to_the_address_that_was_judged_and_names_the_host(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    web = Web(statuses=[302])
    async with listening(web):
        asked = resolving(monkeypatch, ["127.0.0.1"], ["192.0.2.1"])
        outward = Outward(timeout_seconds=2, private=True)
        status = await outward.post(f"http://hook.example:{web.port}/a?b=c", b"{}", {"x-own": "1"})
        await outward.close()
    assert (status, asked) == (302, ["hook.example"]), "asked once, and not led on"
    (post,) = web.posts
    assert post.headers[b"host"] == f"hook.example:{web.port}".encode()
    assert (post.body, post.headers[b"x-own"]) == (b"{}", b"1")


@pytest.mark.parametrize("named", ["hook.example", "other.example"])
async def test_the_certificate_must_be_the_names_though_the_address_is_called(
    named: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tls, authority = certified(named, tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))
    web = Web()
    async with listening(web, tls=tls):
        resolving(monkeypatch, ["127.0.0.1"])
        outward = Outward(timeout_seconds=5, private=True)
        called = outward.post(f"https://hook.example:{web.port}/", b"{}", {})
        if named == "hook.example":
            assert await called == 200
        else:
            with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
                await called
        await outward.close()
