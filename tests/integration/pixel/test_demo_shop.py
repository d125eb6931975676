"""The demo's shop, as a person clicks through it: from an ad to an order that the ad has earned."""

import asyncio
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from selenium.webdriver.common.by import By

from deploy.local.demo_tenant import shop_key
from deploy.local.envfile import write_env
from deploy.local.ports import free_port
from processors.domain.hashing import email_hash
from processors.engine.postgres import Database
from schemas.envelope import Frozen
from schemas.order import Order
from schemas.pixel_event import PixelEvent
from tests.integration.gateway.running import SERVER_KEY, Gateway
from tests.integration.pixel.browser import Browser, until
from tests.integration.pixel.conftest import Log
from tests.support.pipeline import Pipeline

EARNED = """
SELECT c.order_id, t.channel, t.utm_campaign, r.credit::float
FROM attribution_results AS r
JOIN attribution_conversions AS c USING (tenant_id, conversion_id)
JOIN attribution_touchpoints AS t USING (tenant_id, touchpoint_id)
WHERE r.model = 'last_touch' AND r.attribution_window = '7d' AND c.order_id = $1
"""


@pytest.fixture(scope="module")
def site(gateway: Gateway, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The shop's own server, with keys as `make up` makes them."""
    port, env = free_port(), tmp_path_factory.mktemp("shop") / "env"
    url = f"http://127.0.0.1:{port}"
    argv = [sys.executable, "-m", "deploy.shop", "--port", str(port), "--env", str(env)]
    with subprocess.Popen(argv) as process:
        try:
            until(lambda: _answers(url))
            assert "starting" in httpx.get(f"{url}/snippet.js").text, "there are no keys yet"
            _make_keys(env, gateway, port)
            yield url
        finally:
            process.terminate()


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz").status_code == 200
    except httpx.TransportError:
        return False


def _make_keys(env: Path, gateway: Gateway, port: int) -> None:
    first = shop_key(gateway.environment, known=None, port=port)
    again = shop_key(gateway.environment, known=first, port=port)
    assert again == first, "a known key is kept"
    keys = {"ATTRIBUTARY_BROWSER_KEY": first, "ATTRIBUTARY_API_KEY": SERVER_KEY}
    write_env(env, {"GATEWAY_URL": gateway.url, **keys})


@pytest.fixture
def visitor(browser: Browser, site: str) -> Iterator[Browser]:
    """A browser that the shop has never seen."""
    browser.driver.get(f"{site}/index.html")
    yield browser
    browser.driver.delete_all_cookies()
    browser.js("localStorage.clear()")
    browser.driver.get("about:blank")


def arrive(browser: Browser, words: str) -> None:
    """By one of the ways that the start page has."""
    browser.driver.find_element(By.PARTIAL_LINK_TEXT, words).click()
    browser.ready()


def buy(browser: Browser, email: str) -> str:
    """From the product page to the thank-you page; the order's id."""
    browser.click("buy")
    for page in ("cart", "checkout"):
        browser.click("next")
        browser.until(f"return document.body?.id === '{page}' && !!window.attributary?.loaded")
    browser.driver.find_element(By.ID, "email").send_keys(email)
    browser.click("pay")
    browser.until("return document.body?.id === 'thanks' && !!window.attributary?.loaded")
    return str(browser.js("return document.getElementById('order').textContent"))


def told(log: Log, site: str) -> list[PixelEvent]:
    """What the pages have told, in order of time."""
    found = [PixelEvent.model_validate_json(value) for value in log.values("pixel_events.v1")]
    mine = [event for event in found if (event.browser.url or "").startswith(site)]
    return sorted(mine, key=lambda event: event.occurred_at)


def ordered(log: Log, order_id: str) -> Order:
    """The order of that id."""
    found = (Order.model_validate_json(value) for value in log.values("orders.v1"))
    return next(order for order in found if order.order_id == order_id)


async def earned(dsn: str, records: list[tuple[str, Frozen]], order_id: str) -> list[Any]:
    """Who has earned the order, once the records went through the pipeline."""
    role = "attributary_processor"
    db = await Database.connect(dsn, role=role, application_name="test", max_size=4)
    try:
        pipeline = Pipeline(db)
        await pipeline.feed(records)
        await pipeline.drain(random.Random(1))
    finally:
        await db.close()
    conn = await asyncpg.connect(dsn)
    try:
        return [tuple(row) for row in await conn.fetch(EARNED, order_id)]
    finally:
        await conn.close()


def test_a_hat_that_an_ad_sold_is_credited_to_the_ad(
    visitor: Browser, site: str, log: Log, gateway: Gateway
) -> None:
    arrive(visitor, "ad at Google")
    assert "_attributary" not in visitor.js("return document.cookie"), "nobody has agreed yet"
    visitor.click("accept")
    visitor.sent()
    order_id = buy(visitor, "Mary.Doe@example.com")
    visitor.sent()
    names = [
        "PageView", "ViewContent", "AddToCart", "PageView", "PageView", "InitiateCheckout",
        "PageView", "Purchase",
    ]  # fmt: skip
    events = until(lambda: found if len(found := told(log, site)) >= len(names) else None)
    order = ordered(log, order_id)

    assert sorted(event.event_name for event in events) == sorted(names)
    assert {event.visitor_id for event in events} == {order.visitor_id}
    assert order.identifiers.email_sha256 == email_hash("mary.doe@example.com")
    assert order.identifiers.fbp is not None, "the cart has carried the ids to the shop's server"
    (purchase,) = [event for event in events if event.event_name == "Purchase"]
    assert (purchase.order_id, purchase.value) == (order_id, order.gross)

    records: list[tuple[str, Frozen]] = [("pixel_events.v1", event) for event in events]
    records.append(("orders.v1", order))
    found = asyncio.run(earned(gateway.environment["DATABASE_URL"], records, order_id))
    assert found == [(order_id, "paid_search", "hats", 1.0)]


def test_who_refuses_can_buy_and_is_not_followed(visitor: Browser, site: str, log: Log) -> None:
    before = len(told(log, site))
    arrive(visitor, "ad at Meta")
    visitor.click("refuse")
    order_id = buy(visitor, "")
    order = ordered(log, order_id)

    assert (order.visitor_id, order.identifiers.fbp) == (None, None)
    assert visitor.js("return document.cookie") == ""
    assert len(told(log, site)) == before
    assert visitor.js("return document.getElementById('banner')") is None, "it has been answered"
