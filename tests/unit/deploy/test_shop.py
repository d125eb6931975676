"""The demo's shop: what its server serves, and what it tells of an order."""

from pathlib import Path

import httpx
import pytest

from deploy.local.envfile import write_env
from deploy.shop.__main__ import account_in
from deploy.shop.server import Account, application
from deploy.shop.till import order

ACCOUNT = Account("http://127.0.0.1:1", "browser-key", "server-key")


def client(account: Account | None = ACCOUNT) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(application(lambda: account))
    return httpx.AsyncClient(transport=transport, base_url="http://shop.example")


def test_an_order_carries_the_ids_that_the_pixel_left_in_the_cart() -> None:
    cart = {
        "_attributary_visitor_id": "v-1",
        "_meta_fbp": "fb.1.1.1",
        "_attributary_session_id": "",
    }
    made = order("o-1", email="a@example.com", cart=cart, now_ms=5)

    assert (made["order_id"], made["revenue"], made["visitor_id"]) == ("o-1", "64.95", "v-1")
    assert made["identifiers"] == {"fbp": "fb.1.1.1", "email": "a@example.com"}
    assert "session_id" not in made


def test_an_order_of_nobody_names_nobody() -> None:
    made = order("o-1", email="", cart={}, now_ms=5)
    assert {"visitor_id", "session_id", "identifiers"}.isdisjoint(made)


@pytest.mark.parametrize("path", ["/", "/product.html", "/shop.js", "/shop.css"])
async def test_a_file_is_served_with_its_kind(path: str) -> None:
    async with client() as shop:
        answer = await shop.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/")


@pytest.mark.parametrize("path", ["/nothing.html", "/../server.py", "/%2e%2e/server.py", "/pages"])
async def test_nothing_else_is_served(path: str) -> None:
    async with client() as shop:
        assert (await shop.get(path)).status_code == 404


async def test_the_pages_have_the_browser_key_and_never_the_server_key() -> None:
    async with client() as shop:
        snippet = (await shop.get("/snippet.js")).text
        loader = (await shop.get("/attributary-here.js")).text
    assert "browser-key" in snippet
    assert "server-key" not in snippet + loader
    assert "http://127.0.0.1:1/attributary.js" in loader


async def test_an_order_that_cannot_be_told_is_no_order() -> None:
    async with client(None) as shop:
        assert (await shop.post("/orders", data={"email": "a@example.com"})).status_code == 503


@pytest.mark.parametrize("body", [b"", b"[]", b'{"attributes": 7}', b'{"other": {}}'])
async def test_a_cart_of_another_shape_is_refused(body: bytes) -> None:
    async with client() as shop:
        assert (await shop.post("/cart/update.js", content=body)).status_code == 400


def test_keys_are_taken_from_the_file_once_all_of_them_are_there(tmp_path: Path) -> None:
    env = tmp_path / "env"
    said = {"GATEWAY_URL": "http://127.0.0.1:1", "ATTRIBUTARY_API_KEY": "server-key"}
    assert account_in(env) is None
    write_env(env, said)
    assert account_in(env) is None
    write_env(env, {**said, "ATTRIBUTARY_BROWSER_KEY": "browser-key"})
    assert account_in(env) == ACCOUNT
