"""A URL that a tenant chose leads to the internet or nowhere."""

import asyncio
import socket
from ipaddress import IPv4Address, IPv6Address, ip_network
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.domain.addresses import is_public
from processors.platforms import http as vendors
from processors.platforms.base import Account, Request
from processors.platforms.http import Http, Reply, Silence
from processors.platforms.outward import Forbidden, OutwardSettings, checked
from processors.platforms.reading import ReadingSettings, Unreadable
from processors.platforms.reports import Files
from processors.platforms.sgtm.client import Sgtm
from processors.platforms.sgtm.settings import SgtmSettings
from processors.platforms.shopify.client import Orders
from processors.platforms.shopify.settings import ShopifySettings
from schemas.delivery import Delivery
from tests.support.receivers import Web, certified, listening

PUBLIC_ONLY = OutwardSettings(private_targets=False)
ANYWHERE = OutwardSettings(private_targets=True)
PRIVATE = [
    "127.0.0.1", "10.0.0.1", "192.168.1.1", "172.16.0.1", "169.254.169.254", "100.64.0.1",
    "100.100.100.200", "168.63.129.16", "192.0.0.192", "192.88.99.1", "198.18.0.1", "240.0.0.1",
    "0.0.0.0", "224.0.0.1", "255.255.255.255", "192.0.2.1", "::1", "::", "fe80::1", "fe80::1%eth0",
    "fd00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254",
    "::7f00:1", "::ffff:0:127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::7f00:1", "2002:7f00:1::",
    "2002:808:808::", "2001:0:7f00:1::", "2001:db8::1", "3fff::1", "5f00::1", "4000::1",
    "localhost", "", "127.1", "0x7f.1", "2130706433", "017700000001",
]  # fmt: skip
PUBLIC = ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
OURS = [
    ip_network(text)
    for text in ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16",
                 "100.64.0.0/10", "0.0.0.0/8", "224.0.0.0/4", "240.0.0.0/4")
]  # fmt: skip


def test_only_addresses_of_the_internet_are_public() -> None:
    assert [address for address in PRIVATE if is_public(address)] == []
    assert [address for address in PUBLIC if not is_public(address)] == []


@given(st.sampled_from(OURS).flatmap(lambda network: st.ip_addresses(network=network)))
def test_an_address_of_ours_is_private_however_it_is_written(address: IPv4Address) -> None:
    low = int(address)
    forms: list[object] = [address]
    for prefix in ("::ffff:0:0", "::", "64:ff9b::", "64:ff9b:1::", "::ffff:0:0:0", "2001::"):
        forms.append(IPv6Address(int(IPv6Address(prefix)) | low))
    forms.append(IPv6Address((0x2002 << 112) | (low << 80)))
    forms.append(IPv6Address((0x20010000 << 96) | (~low & 0xFFFFFFFF)))
    written = [str(form) for form in forms]
    written += [IPv6Address(str(form)).exploded.upper() for form in forms[1:]]
    assert [form for form in written if is_public(form)] == []


@given(st.ip_addresses(v=6, network="fc00::/7") | st.ip_addresses(v=6, network="fe80::/9"))
def test_an_ipv6_address_of_a_network_of_ours_is_private(address: IPv6Address) -> None:
    assert not is_public(str(address))


@pytest.mark.parametrize(
    "url",
    ["http://shop.example/x", "ftp://shop.example", "https://", "https://user:word@shop.example",
     "https://user@shop.example", "https://shop.example:port/", "https://shop.example/a b",
     "https://shop.example/\r\nx: y", "shop.example", "https://shop.example:0/", "https://[::1/",
     "https://shop.example:22/", "https://shop.example:6379/", "https://evil.example\\@127.0.0.1/",
     "https://127.0.0.1/", "https://[::ffff:127.0.0.1]/", "https://169.254.169.254/latest",
     "file:///etc/passwd", "gopher://shop.example:70/", "//shop.example/x", ""],
)  # fmt: skip
def test_what_is_no_address_of_a_web_server_on_the_internet_is_refused(url: str) -> None:
    with pytest.raises(Forbidden):
        checked(url, PUBLIC_ONLY)


@pytest.mark.parametrize(
    "url", ["https://shop.example", "https://shop.example:8443/x?y=z", "https://8.8.8.8/"]
)
def test_a_web_server_on_the_internet_may_be_called(url: str) -> None:
    assert str(checked(url, PUBLIC_ONLY)) == url


def resolving(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """Names resolve to the next of the answers, beneath every client; addresses to themselves."""
    asked: list[str] = []

    async def found(_: Any, host: str, port: int, **__: Any) -> list[Any]:
        asked.append(host)
        addresses = answers[min(len(asked), len(answers)) - 1]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in addresses]

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", found)
    return asked


def anyone(port: int) -> OutwardSettings:
    """Who may call this port, on the internet."""
    return OutwardSettings(private_targets=False, ports=str(port))


@pytest.mark.parametrize(
    "addresses",
    [["127.0.0.1"], ["8.8.8.8", "127.0.0.1"], ["::ffff:127.0.0.1"], ["::7f00:1"], ["10.0.0.1"]],
)
async def test_a_name_that_leads_home_is_not_followed(
    addresses: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    web = Web()
    async with listening(web):
        resolving(monkeypatch, addresses)
        http = Http(timeout_seconds=2, outward=anyone(web.port))
        found = await http.post(Request(f"https://evil.example:{web.port}/", b"{}"))
        await http.close()
    assert isinstance(found, Silence)
    assert (found.forbidden, found.may_have_arrived) == (True, False)
    assert "evil" not in found.error
    assert web.posts == []


async def test_the_connection_goes_to_the_address_that_was_judged_and_names_the_host(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    web = Web(statuses=[302])
    async with listening(web):
        asked = resolving(monkeypatch, ["127.0.0.1"], ["192.0.2.1"])
        http = Http(timeout_seconds=2, outward=ANYWHERE)
        url = f"http://hook.example:{web.port}/a?b=c"
        found = await http.post(Request(url, b"{}", {"x-own": "1"}))
        await http.close()
    assert isinstance(found, Reply)
    assert (found.status, asked) == (302, ["hook.example"]), "asked once, and not led on"
    (post,) = web.posts
    assert post.headers[b"host"] == f"hook.example:{web.port}".encode()
    assert (post.body, post.headers[b"x-own"]) == (b"{}", b"1")


@pytest.mark.parametrize("named", ["hook.example", "other.example"])
async def test_the_certificate_must_be_the_names_though_the_address_is_called(
    named: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tls, authority = certified(named, tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))
    vendors.authorities.cache_clear()
    web = Web()
    try:
        async with listening(web, tls=tls):
            resolving(monkeypatch, ["127.0.0.1"])
            http = Http(timeout_seconds=5, outward=ANYWHERE)
            found = await http.post(Request(f"https://hook.example:{web.port}/", b"{}"))
            await http.close()
    finally:
        vendors.authorities.cache_clear()
    if named == "hook.example":
        assert isinstance(found, Reply)
    else:
        assert isinstance(found, Silence)
        assert (found.error, web.posts) == ("ConnectError", [])


async def test_an_environments_proxy_is_not_asked_to_resolve_the_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    proxy = Web()
    async with listening(proxy):
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
        resolving(monkeypatch, ["10.0.0.1"])
        http = Http(timeout_seconds=2, outward=PUBLIC_ONLY)
        found = await http.post(Request("https://evil.example/", b"{}"))
        await http.close()
    assert isinstance(found, Silence)
    assert found.forbidden


async def test_of_an_endless_answer_only_so_much_is_read() -> None:
    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        try:
            while True:
                writer.write(b"x" * 65_536)
                await writer.drain()
        except ConnectionError:
            writer.close()

    server = await asyncio.start_server(endless, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        http = Http(timeout_seconds=5, outward=ANYWHERE, most_bytes=1_000)
        found = await http.get(Request(f"http://127.0.0.1:{port}/", b""))
        await http.close()
    assert isinstance(found, Reply)
    assert found.body == b"x" * 1_000


async def test_a_container_at_an_address_of_ours_is_never_called_and_its_account_is_parked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("ATTRIBUTARY_OUTWARD_PRIVATE_TARGETS", raising=False)
    resolving(monkeypatch, ["169.254.169.254"])
    sgtm = Sgtm(SgtmSettings(base_url=""), clock=lambda: 1_788_600_060_000)
    delivery = Delivery.model_validate(
        {
            "tenant_id": "acme", "platform": "sgtm", "event_id": "e" * 32, "event_name": "PageView",
            "occurred_at": 1_788_600_060_000, "visitor_id": "v-1",
        }
    )  # fmt: skip
    answer = await sgtm.send(Account("acme", "https://gtm.shop.example", {}), [delivery])
    await sgtm.close()
    (result,) = answer.results
    assert (result.verdict, answer.http_status) == ("reauth", None)


async def test_a_shop_whose_domain_leads_home_never_sees_the_token(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    resolving(monkeypatch, ["127.0.0.1"])
    orders = Orders(ShopifySettings(base_url="https://{shop}"), ReadingSettings(tries=1))
    with pytest.raises(Unreadable, match="the address is refused"):
        async for _ in orders.pages(shop="shop.example", token="t", since="a", until="b"):
            pass
    await orders.close()


async def test_a_report_is_fetched_from_the_vendors_own_address_or_from_the_internet(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def file(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n1")
        writer.close()

    server = await asyncio.start_server(file, "127.0.0.1", 0)
    async with server:
        own = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        files = Files(ReadingSettings(tries=1), own=own)
        assert await files.read(files.address(f"{own}/file"), bytes.decode) == "1"
        for told in (f"{own}@evil.example/x", "http://evil.example/x", "file:///etc/passwd", None):
            with pytest.raises(Unreadable, match="no address"):
                files.address(told)
        resolving(monkeypatch, ["10.0.0.1"])
        with pytest.raises(Unreadable, match="the address is refused"):
            await files.read(files.address("https://files.example/report"), bytes.decode)
        await files.close()
