"""A click on the way to the shop."""

from typing import Any
from urllib.parse import urlencode

import pytest

from tests.unit.gateway.asking import BROWSER, NOW, SERVER, Answer, Gateway

TARGET = "https://shop.example/hats?utm_source=news&gclid=G1"


async def follow(gateway: Gateway, u: str = TARGET, **fields: Any) -> Answer:
    query = urlencode({"key": BROWSER, "u": u, **fields})
    return await gateway.get(f"/r?{query}", {"referer": "https://blog.example/post"})


async def test_a_click_is_recorded_and_the_browser_sent_on() -> None:
    gateway = Gateway()

    answer = await follow(gateway, visitor_id="v1", utm_campaign="fall", type="view")

    assert (answer.status, answer.content) == (302, b"")
    assert answer.headers["location"] == TARGET
    assert "no-store" in answer.headers["cache-control"]
    (touch,) = gateway.outlet.records("touchpoints.v1")
    assert (touch.visitor_id, touch.type, touch.occurred_at) == ("v1", "click", NOW)
    assert (touch.browser.url, touch.browser.referrer) == (TARGET, "https://blog.example/post")
    assert (touch.marketing.utm_campaign, touch.marketing.utm_source) == ("fall", None)


async def test_a_click_of_nobody_known_has_a_visitor_of_its_own() -> None:
    gateway = Gateway()

    for visitor in ({}, {"visitor_id": "undefined"}, {"visitor_id": "v" * 300}):
        assert (await follow(gateway, **visitor)).status == 302
    await follow(gateway, email="a@example.com")

    visitors = [touch.visitor_id for touch in gateway.outlet.records("touchpoints.v1")]
    assert all(visitor.startswith("click-") for visitor in visitors[:3])
    assert len(set(visitors)) == 4
    assert visitors[3] is None


@pytest.mark.parametrize(
    "u",
    [
        "",
        "https://evil.example/",
        "//shop.example/",
        "/hats",
        "https://shop.example@evil.example/",
        "https://evil.example\\@shop.example/",
        "javascript:alert(1)",
        "https://shop.example/\r\nSet-Cookie: a=b",
    ],
)
async def test_no_other_target_is_recorded_or_followed(u: str) -> None:
    gateway = Gateway()

    answer = await follow(gateway, u, visitor_id="v1")

    assert answer.status == 400
    assert answer.json["detail"].startswith("u: ")
    assert "location" not in answer.headers
    assert gateway.outlet.rows == []


async def test_of_two_targets_the_checked_one_is_followed() -> None:
    gateway = Gateway()

    answer = await gateway.get(
        f"/r?key={BROWSER}&visitor_id=v&u=https://shop.example/&u=https://evil.example/"
    )

    assert answer.headers["location"] == "https://shop.example/"


async def test_a_tenant_without_hosts_redirects_nowhere() -> None:
    gateway = Gateway()
    gateway.directory.snapshot.redirect_hosts.clear()

    assert (await follow(gateway, visitor_id="v1")).status == 400


async def test_a_click_needs_a_key_and_a_get() -> None:
    gateway = Gateway()

    stranger = await gateway.get("/r?u=https://shop.example/")
    posted = await gateway.post("/r", {})
    head = await gateway.ask("HEAD", f"/r?key={BROWSER}&u=https://shop.example/", b"", {})

    assert [stranger.status, posted.status, head.status] == [401, 405, 405]
    assert gateway.outlet.rows == []


async def test_a_refused_click_names_the_field() -> None:
    answer = await follow(Gateway(), visitor_id="v1", occurred_at="yesterday", key=SERVER)

    assert answer.status == 422
    assert answer.json["rejected"][0]["field"] == "occurred_at"
