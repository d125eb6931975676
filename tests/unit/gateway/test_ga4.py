"""Hits of Google's tags."""

from typing import Any
from urllib.parse import urlencode

import pytest

from tests.unit.gateway.asking import BROWSER, MEASUREMENT, NOW, SERVER, Answer, Gateway

SHARED = {
    "v": "2", "tid": MEASUREMENT, "gtm": "45je4b70v9", "_p": "1790000000001", "gcs": "G111",
    "gcd": "13r3r3r2r5l1", "npa": "0", "dma": "0", "cid": "1111111111.1700000000",
    "ul": "en-us", "sr": "1920x1080", "uaa": "x86", "_s": "1", "sid": "1789999999", "sct": "3",
    "seg": "1", "dl": "https://shop.example/?utm_source=news&gclid=G1",
    "dr": "https://blog.example/", "dt": "Hats",
}  # fmt: skip
PURCHASE = {
    "en": "purchase", "_et": "12", "cu": "EUR", "ep.transaction_id": "1001", "epn.value": "41.97",
    "epn.tax": "3.5", "ep.coupon": "TEN", "up.plan": "gold", "upn.visits": "7",
    "pr1": "idSKU_1~nmWool hat~brAcme~caHats~pr19.99~qt2~vaRed~k0item_x~v0y",
    "pr2": "nmA~~B~pr1.99~qt1", "pr10": "idSKU_10",
}  # fmt: skip


async def hit(gateway: Gateway, path: str = "/g/collect", **fields: str) -> Answer:
    return await gateway.get(f"{path}?{urlencode(fields)}")


def events(gateway: Gateway) -> list[Any]:
    return gateway.outlet.records("pixel_events.v1")


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("path", ["/g/collect", "/collect"])
async def test_a_page_view_is_an_event_of_the_measurement_ids_tenant(
    path: str, method: str
) -> None:
    gateway = Gateway()
    query = urlencode({**SHARED, "en": "page_view", "_ss": "1", "_fv": "1", "uid": "c7"})

    answer = await gateway.ask(method, f"{path}?{query}", b"", {"user-agent": "Agent/1"})

    assert (answer.status, answer.content) == (204, b"")
    assert {name: said for name, said in answer.headers.items() if name.startswith("x-sst")} == {
        "x-sst-accepted": "1", "x-sst-rejected": "0", "x-sst-vendors": "ga4,meta",
        "x-sst-relay": "off",
    }  # fmt: skip
    (event,) = events(gateway)
    assert (event.tenant_id, event.source, event.event_name) == ("demo", "ga4", "PageView")
    assert (event.visitor_id, event.session_id) == ("1111111111.1700000000", "1789999999")
    assert event.session_start is True
    assert event.identifiers.ga4_client_id == "1111111111.1700000000"
    assert event.identifiers.ga4_session_id == "1789999999"
    assert event.identifiers.customer_id == "c7"
    assert (event.browser.url, event.browser.referrer) == (SHARED["dl"], SHARED["dr"])
    assert (event.browser.user_agent, event.browser.ip) == ("Agent/1", "203.0.113.9")
    assert event.occurred_at == NOW
    assert event.properties["first_visit"] is True
    assert event.properties["ga4_event_name"] == "page_view"
    assert event.properties["page_title"] == "Hats"


async def test_a_purchase_brings_its_order_its_worth_and_its_products() -> None:
    gateway = Gateway()

    await hit(gateway, **SHARED, **PURCHASE)

    (event,) = events(gateway)
    assert (event.event_name, event.value, event.currency) == ("Purchase", 4197, "EUR")
    assert (event.order_source, event.order_id) == ("shopify", "1001")
    assert [(c.product_id, c.title, c.quantity, c.price) for c in event.contents] == [
        ("SKU_1", "Wool hat", 2, 1999),
        (None, "A~B", 1, 199),
        ("SKU_10", None, 1, None),
    ]
    assert event.properties["tax"] == 3.5
    assert event.properties["coupon"] == "TEN"
    assert event.properties["engagement_time_msec"] == 12
    assert event.properties["user_properties"] == {"plan": "gold", "visits": 7}
    assert "transaction_id" not in event.properties


async def test_the_lines_of_a_body_are_events_that_share_the_query() -> None:
    gateway = Gateway()
    lines = [
        urlencode({"en": "page_view", "dt": "Own"}),
        urlencode({"en": "scroll", "epn.percent_scrolled": "90"}),
        urlencode({"en": "scroll", "epn.percent_scrolled": "90"}),
        urlencode(PURCHASE),
    ]
    query = urlencode({**SHARED, "_ss": "1"})

    answer = await gateway.post(
        f"/g/collect?{query}", "\r\n".join(lines).encode(), key=None,
        headers={"content-type": "text/plain;charset=UTF-8"},
    )  # fmt: skip

    assert answer.status == 204
    found = events(gateway)
    assert [e.event_name for e in found] == ["PageView", "scroll", "scroll", "Purchase"]
    assert [e.session_start for e in found] == [True, False, False, False]
    assert found[0].properties["page_title"] == "Own"
    assert found[1].properties["page_title"] == "Hats"
    assert len({e.event_id for e in found}) == 4


async def test_a_hit_that_is_sent_again_keeps_its_id_and_another_hit_has_another() -> None:
    gateway = Gateway()
    page = {**SHARED, "en": "page_view"}
    without = {name: value for name, value in page.items() if name != "_s"}

    for said in (page, page, {**page, "_s": "2"}, without, without):
        await hit(gateway, **said)
    await hit(gateway, **page, **{"ep.event_id": "e1"})

    ids = [event.event_id for event in events(gateway)]
    assert ids[0] == ids[1]
    assert len(set(ids[1:])) == 5
    assert ids[5] == "e1"


@pytest.mark.parametrize(
    ("gcs", "gcd", "said"),
    [
        ("G101", "13p3r3p2p5l1", ("denied", "granted", "denied", "denied")),
        ("G111", "", ("granted", "granted", None, None)),
    ],
)
async def test_consent_signals_are_kept(gcs: str, gcd: str, said: tuple[str | None, ...]) -> None:
    gateway = Gateway()

    await hit(gateway, **{**SHARED, "gcs": gcs, "gcd": gcd, "en": "page_view"})

    consent = events(gateway)[0].consent
    assert said == (
        consent.ad_storage,
        consent.analytics_storage,
        consent.ad_user_data,
        consent.ad_personalization,
    )


async def test_a_campaign_counts_with_its_medium_and_a_visitor_of_ours_wins() -> None:
    gateway = Gateway()
    page = {**SHARED, "en": "page_view", "cs": "news", "cn": "fall"}

    await hit(gateway, **page)
    await hit(gateway, **page, cm="email", **{"ep.visitor_id": "v1"})

    promoted, campaign = events(gateway)
    assert promoted.marketing.utm_source is None
    assert (campaign.marketing.utm_source, campaign.marketing.utm_medium) == ("news", "email")
    assert (campaign.visitor_id, campaign.identifiers.ga4_client_id) == ("v1", SHARED["cid"])


async def test_a_key_decides_where_there_is_one() -> None:
    gateway = Gateway()
    strange = {**SHARED, "tid": "G-OTHER", "en": "page_view"}

    assert (await hit(gateway, **strange)).status == 401
    assert (await hit(gateway, **strange, key=BROWSER)).status == 204
    assert (await hit(gateway, **{**strange, "tid": "G" * 100})).status == 401
    assert "key" not in events(gateway)[0].properties


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"en": ""}, "en"),
        ({"cid": "", "sid": ""}, "cid"),
        ({"epn.value": "much"}, "epn.value"),
        ({"epn.value": "1", "cu": "XXQ"}, "cu"),
        ({"pr1": "idA~qtmany"}, "pr[0].quantity"),
        ({"dl": "u" * 17_000}, "dl"),
        ({"ep.note": "a\0b"}, "ep.note"),
    ],
)
async def test_a_bad_hit_is_refused_by_the_name_that_it_used(
    said: dict[str, str], field: str
) -> None:
    gateway = Gateway()

    answer = await hit(gateway, **{**SHARED, "en": "x", **said})

    assert answer.status == 422
    assert answer.json["rejected"][0]["field"] == field


async def test_a_bad_line_takes_no_other_with_it() -> None:
    gateway = Gateway()

    answer = await gateway.post(
        f"/g/collect?{urlencode(SHARED)}", b"en=page_view\nep.a=b\n\nen=scroll", key=None
    )

    assert (answer.status, answer.json["accepted"]) == (200, 2)
    assert answer.json["rejected"] == [{"index": 1, "field": "en", "error": "is required"}]


async def test_too_many_lines_are_refused() -> None:
    answer = await Gateway().post(f"/g/collect?{urlencode(SHARED)}", b"en=a\n" * 1_001, key=None)

    assert answer.status == 413


async def test_a_page_view_of_universal_analytics_is_an_event() -> None:
    gateway = Gateway()
    body = urlencode(
        {
            "v": "1", "tid": "UA-1-1", "cid": "9.8", "uid": "c1", "t": "pageview", "sc": "start",
            "dh": "shop.example", "dp": "/hats", "dr": "https://blog.example/", "cs": "news",
            "cm": "email", "qt": "5000", "z": "1", "uip": "198.51.100.7", "ua": "Agent/2",
        }
    )  # fmt: skip

    answer = await gateway.post(f"/collect?key={BROWSER}", body.encode(), key=None)

    assert answer.status == 204
    (event,) = events(gateway)
    assert (event.event_name, event.visitor_id, event.session_start) == ("PageView", "9.8", True)
    assert (event.identifiers.ga4_client_id, event.identifiers.customer_id) == ("9.8", "c1")
    assert event.browser.url == "https://shop.example/hats"
    assert (event.browser.ip, event.browser.user_agent) == ("198.51.100.7", "Agent/2")
    assert (event.marketing.utm_source, event.marketing.utm_medium) == ("news", "email")
    assert event.occurred_at == NOW - 5_000


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ({"t": "transaction", "ti": "1001", "tr": "19.99", "cu": "EUR"}, "Purchase"),
        ({"t": "pageview", "pa": "purchase", "ti": "1001", "tr": "19.99", "cu": "EUR"}, "Purchase"),
        ({"t": "event", "ec": "ecommerce", "ea": "add", "pa": "add"}, "AddToCart"),
        ({"t": "event", "ec": "video", "ea": "play", "el": "intro", "ev": "3"}, "play"),
        ({"t": "screenview"}, "screenview"),
    ],
)
async def test_a_hit_of_universal_analytics_is_named_by_what_it_tells(
    said: dict[str, str], name: str
) -> None:
    gateway = Gateway()

    await hit(
        gateway, "/collect", v="1", tid="UA-1-1", cid="9.8", key=SERVER, pr1id="SKU", pr1pr="19.99",
        pr1qt="1", **said,
    )  # fmt: skip

    (event,) = events(gateway)
    assert event.event_name == name
    assert event.contents[0].product_id == "SKU"
    if name == "Purchase":
        assert (event.order_id, event.value, event.currency) == ("1001", 1999, "EUR")
    else:
        assert event.order_id is None
