"""Where browser and gateway have the same rule they must not differ."""

from typing import Any

import pytest

from processors.domain import event_names, ids, normalise
from processors.domain.devices import device_type
from processors.domain.events import StandardEvent
from processors.domain.referrers import external_host
from processors.domain.urls import marketing
from processors.platforms.ga4 import convert
from schemas.delivery import Delivery
from schemas.envelope import Identifiers
from tests.unit.gateway.pixel.node import Ask

URLS = [
    "https://shop.example/",
    "https://shop.example/?utm_source=google&utm_medium=cpc&utm_campaign=a+b&utm_term=%C3%A9",
    "https://shop.example/p?UTM_Source=x&utm_source=y&FBCLID=IwAR1&gclid=Cj0+x/y%2Bz",
    "https://shop.example/?gbraid=1&wbraid=2&ttclid=3&msclkid=4&ScCid=5&epik=6&li_fat_id=7",
    "https://shop.example/?ref=ann&creator=%20&creator=bob&size=m#utm_source=none",
    "https://shop.example/?utm_source=%zz&utm_medium=&utm_content=a%26b",
    "https://shop.example/?utm_campaign=" + "x" * 600,
    "https://shop.example/#/route?utm_source=hidden",
]
AGENTS = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/120.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Safari/605.1.15",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Version/17.0 Mobile/15E148 Safari",
    "Mozilla/5.0 (iPad; CPU OS 16_0 like Mac OS X) Version/16.0 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/120.0 Mobile Safari",
    "Mozilla/5.0 (Linux; Android 13; SM-X700) AppleWebKit/537.36 Chrome/120.0 Safari/537.36",
    "Mozilla/5.0 (Linux; Android 9; KFTRWI) AppleWebKit/537.36 Silk/108.4 Safari/537.36",
    "Mozilla/5.0 (Windows NT 6.3; Tablet PC 2.0) AppleWebKit/537.36",
]


def test_an_address_says_the_same_to_both(answers: Ask) -> None:
    assert answers("landing", "marketing", [[url] for url in URLS]) == [marketing(u) for u in URLS]


def test_what_is_stripped_says_nothing_any_more_and_the_rest_stays(answers: Ask) -> None:
    found = answers("landing", "stripped", [[url] for url in URLS])

    assert [marketing(url) for url in found] == [{}] * len(URLS)
    assert found[0] == URLS[0]
    assert found[4] == "https://shop.example/?size=m#utm_source=none"


def test_a_referrer_is_external_to_both(answers: Ask) -> None:
    page = "https://www.shop.example/p"
    cases = [
        ["", page],
        ["https://www.google.com/", page],
        ["https://shop.example/", page],
        ["https://account.shop.example/", page],
        ["https://shop.example/", "https://blog.shop.example/"],
        ["https://notshop.example/", page],
        ["nonsense", page],
    ]
    found = answers("landing", "externalHost", [list(case) for case in cases])
    judged = [external_host(referrer, url=url, own_host=None) for referrer, url in cases]

    assert found == [host.removeprefix("www.") for host in judged]


def test_a_device_is_the_same_to_both(answers: Ask) -> None:
    found = answers("device", "deviceType", [[agent] for agent in AGENTS])

    assert found == [device_type(agent) for agent in AGENTS]
    assert answers("device", "deviceType", [[AGENTS[1], 5]]) == ["tablet"]


@pytest.mark.parametrize(
    ("name", "values", "form"),
    [
        ("email", ["  Mary.Doe@Example.com ", "no address"], normalise.email),
        ("phone", ["+1 (415) 555-0100", "+44 (0) 20 7946 0018", "0049 30 901820", "12"],
         normalise.phone_digits),
        ("first_name", ["Mary-Ann", " José  María ", "O'Neil", "李"], normalise.name),
        ("city", ["São Paulo", "St. John's", "New York"], normalise.city),
        ("state", ["NY", "Île-de-France"], normalise.state),
        ("zip", ["SW1A 1AA", "1234-567"], normalise.zip_code),
        ("country", ["DE", "us"], normalise.country),
    ],
)  # fmt: skip
def test_a_detail_is_hashed_in_the_gateways_form(
    answers: Ask, name: str, values: list[str], form: Any
) -> None:
    found = answers("person", "normalised", [[name, value] for value in values])

    assert found == [form(value) or "" for value in values]


EVENTS: list[dict[str, Any]] = [
    {"event_name": "Purchase", "event_id": "e", "order_id": "gid://shopify/Order/123?x=1"},
    {"event_name": "Purchase", "event_id": "e", "order_id": 0},
    {"event_name": "Purchase", "event_id": "e", "checkout_id": "c"},
    {"event_name": "InitiateCheckout", "event_id": "e", "checkout_id": "c"},
    {"event_name": "AddPaymentInfo", "event_id": "e", "order_id": " 7 ", "checkout_id": "c"},
    {"event_name": "Lead", "event_id": "e"},
]


@pytest.mark.parametrize("source", ["api", "shopify", "woocommerce"])
def test_a_platform_hears_of_an_event_under_one_id(answers: Ask, source: str) -> None:
    def judged(event: dict[str, Any]) -> str:
        order = event.get("order_id")
        if event["event_name"] == "Purchase" and order is not None:
            return ids.purchase_event_id(
                tenant="demo", source=source, order_id=order, platform="meta"
            )
        return ids.event_delivery_id(
            tenant="demo",
            platform="meta",
            event_name=event["event_name"],
            event_id=event["event_id"],
            order_id=order,
            checkout_id=None if event["event_name"] == "Purchase" else event.get("checkout_id"),
        )

    found = answers("ids", "platformEventId", [["demo", source, "meta", e] for e in EVENTS])

    assert found == [judged(event) for event in EVENTS]
    assert answers("ids", "platformEventId", [[None, source, "meta", EVENTS[0]]]) == [None]


def test_ga4_calls_an_event_the_same_from_both(answers: Ask) -> None:
    def sent(name: str) -> str:
        delivery = Delivery(
            tenant_id="demo", platform="ga4", event_id="e", event_name=name, occurred_at=1,
            value=1, currency="EUR", identifiers=Identifiers(ga4_client_id="1.2"),
        )  # fmt: skip
        return str(convert.event(delivery, now_ms=1)["name"])

    names = [*map(str, StandardEvent), "RemoveFromCart", "Quiz Done", "own-event_2", "Caf\u00e9"]

    assert answers("names", "ga4Name", [[name] for name in names]) == [sent(n) for n in names]


def test_standard_events_are_the_same_to_both(answers: Ask) -> None:
    names = [*map(str, StandardEvent), "RemoveFromCart", "purchase", ""]
    known = [name in set(StandardEvent) for name in names]

    assert answers("names", "isStandard", [[name] for name in names]) == known


def test_snapchat_calls_an_event_the_same_from_both(answers: Ask) -> None:
    names = [*map(str, StandardEvent), "RemoveFromCart", "My Own"]
    said = [event_names.platform_name(name, "snapchat") for name in names]

    assert answers("names", "snapchatName", [[name] for name in names]) == said


def test_cookies_of_others_are_read_in_every_form_that_they_have(answers: Ask) -> None:
    jar = "_ga=GA1.2.11.22; _ga_OLD=GS1.1.170.3.1; _ga_NEW1=GS2.1.s180$o2$g0; my_ga_X=GS1.1.1"
    assert answers("platforms", "ga4Client", [[jar], ["a=1; x_ga=GA1.2.3.4"], [""]]) == [
        "11.22", None, None,
    ]  # fmt: skip
    assert answers("platforms", "ga4Session", [[jar], [jar, "G-NEW1"], [jar, "G-NONE"]]) == [
        "170", "180", None,
    ]  # fmt: skip


def test_a_session_ends_after_half_an_hour_without_events(answers: Ask) -> None:
    minute, now = 60_000, 1_790_000_000_000
    cases = [
        [f"s.{now - 29 * minute}.1", now],
        [f"s.{now - 30 * minute}.1", now],
        ["s", now],
        ["", now],
        [f"s.{now}.0", now],
    ]
    assert answers("session", "parse", cases) == [
        {"id": "s", "viewed": True}, None, None, None, {"id": "s", "viewed": False},
    ]  # fmt: skip


def test_a_refusal_is_final_and_an_outage_is_not(answers: Ask) -> None:
    final = {200: True, 202: True, 400: True, 413: True, 415: True, 422: True}
    again = dict.fromkeys((401, 403, 404, 408, 429, 500, 502, 503), False)
    cases = {**final, **again}

    assert answers("transport", "isFinal", [[status] for status in cases]) == list(cases.values())


def test_the_wait_doubles_up_to_a_minute(answers: Ask) -> None:
    waits = answers("queue", "backoff", [[tries, 0.5] for tries in range(1, 9)])
    least, most = answers("queue", "backoff", [[3, 0], [3, 1]])

    assert waits == [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]
    assert (least, most) == (3_000, 5_000)


def test_source_and_medium_are_in_the_words_of_analytics(answers: Ask) -> None:
    cases: dict[tuple[str, str], dict[str, Any]] = {
        ("news", "email"): {"utm_source": "news", "utm_medium": "email", "gclid": "1"},
        ("google", "cpc"): {"gclid": "1", "referrer": "google.com"},
        ("ann", "affiliate"): {"ref": "ann"},
        ("bob", "influencer"): {"creator": "bob"},
        ("blog.example", "referral"): {"referrer": "blog.example"},
        ("(direct)", "(none)"): {},
    }
    assert answers("landing", "origin", [[touch] for touch in cases.values()]) == [
        list(said) for said in cases
    ]
