"""Pages of a vendor's list: whose cursor is followed, how long to wait, and what ends it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from processors.platforms.http import Reply
from processors.platforms.reading import Reader, ReadingSettings, Unreadable
from processors.platforms.shopify.client import Orders, next_cursor
from processors.platforms.shopify.settings import ShopifySettings

SETTINGS = ReadingSettings(first_pause_seconds=0.01, tries=3, timeout_seconds=5)


def reply(link: str) -> Reply:
    return Reply(200, httpx.Headers({"link": link}), b"{}", 1)


def test_only_the_cursor_of_the_next_page_is_taken_and_no_address() -> None:
    both = (
        '<https://elsewhere.example/orders.json?limit=2&page_info=back>; rel="previous", '
        '<https://elsewhere.example/orders.json?limit=2&page_info=on>; rel="next"'
    )
    assert next_cursor(reply(both)) == "on"
    assert next_cursor(reply('<https://shop.example/x?page_info=a>; rel="previous"')) is None
    assert next_cursor(reply("nonsense")) is None


@pytest.mark.parametrize("shop", ["", "shop.example/../x", "a b", "x@y", "http://x"])
async def test_a_shop_that_is_no_domain_is_never_asked(shop: str) -> None:
    orders = Orders(ShopifySettings(), SETTINGS)
    with pytest.raises(Unreadable, match="no shop domain"):
        async for _ in orders.pages(shop=shop, token="t", since="a", until="b"):
            pass
    await orders.close()


@asynccontextmanager
async def telling(*answers: str) -> AsyncIterator[str]:
    """A server that gives these answers, one a connection; yields its URL."""
    left = list(answers)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        head, _, body = left.pop(0).partition("|")
        length = f"content-length: {len(body)}"
        writer.write(f"HTTP/1.1 {head}\r\n{length}\r\nconnection: close\r\n\r\n{body}".encode())
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/x"


@pytest.mark.parametrize(
    "troubles",
    [
        ["429 Slow\r\nretry-after: 0.02", "503 Busy"],
        ["200 OK|<html>", "500 Broken"],
    ],
)
async def test_what_may_pass_is_waited_out(troubles: list[str]) -> None:
    reader = Reader(SETTINGS)
    async with telling(*troubles, '200 OK|{"orders": []}') as url:
        _, found = await reader.page(url, headers={}, params={})
    await reader.close()
    assert found == {"orders": []}


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        (["401 No"], "401: the credentials are refused"),
        (["400 No"], "400: the request is refused"),
        (["500 A", "500 B", "502 C"], r"gave up after 3 tries \(502\)"),
        (["429 Slow\r\nretry-after: 900"], "429: too many requests; asks for a pause of 900 s"),
    ],
)
async def test_what_will_not_pass_ends_the_reading_with_the_reason(
    answers: list[str], why: str
) -> None:
    reader = Reader(SETTINGS)
    async with telling(*answers) as url:
        with pytest.raises(Unreadable, match=why):
            await reader.page(url, headers={}, params={})
    await reader.close()
