"""The gateway keeps of a visitor what the tenant's policy, the browser and the person allow."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.gateway.anonymity import visitor_of_the_day
from processors.gateway.policy import DEFAULT, Policy, policies
from schemas.pixel_event import PixelEvent
from tests.unit.gateway.asking import BROWSER, NOW, SERVER, Gateway

CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36"
HEADERS = {"user-agent": CHROME, "accept-language": "de"}
VIEW = {"event_name": "PageView", "visitor_id": "v"}
ALL_DENIED = dict.fromkeys(
    ("ad_storage", "ad_user_data", "ad_personalization", "analytics_storage"), "denied"
)


def under(policy: Policy) -> Gateway:
    """A gateway whose tenant has this policy."""
    gateway = Gateway()
    gateway.directory.snapshot = replace(gateway.directory.snapshot, policies={"demo": policy})
    return gateway


async def seen(
    item: dict[str, Any],
    policy: Policy = DEFAULT,
    *,
    key: str = BROWSER,
    path: str = "/v1/events",
    **headers: str,
) -> Any:
    """The record that the gateway made of the item."""
    gateway = under(policy)
    said = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = await gateway.post(path, item, key=key, headers={**HEADERS, **said})
    assert answer.status == 200, answer.content
    (row,) = gateway.outlet.rows
    (record,) = gateway.outlet.records(row.raw.topic)
    return record


@pytest.mark.parametrize(
    ("said", "policy"),
    [
        ({}, DEFAULT),
        ({"ip_policy": "truncated"}, Policy(addresses="truncated")),
        ({"ip_policy": " NONE "}, Policy(addresses="none")),
        ({"ip_policy": "hash"}, DEFAULT),
        ({"gpc": "ignore", "dnt": "respect"}, Policy(gpc=False, dnt=True)),
        ({"gpc": "off", "dnt": "yes"}, DEFAULT),
        ({"anonymous_visitors": "always"}, Policy(anonymous=True)),
        ({"id_cookie": "lax", "id_cookie_domains": "example.com,,shop.example.com"},
         Policy(same_site="Lax", cookie_domains=("shop.example.com", "example.com"))),
        ({"id_cookie": "off"}, DEFAULT),
        ({"consent_when_absent": "denied"}, Policy(silence_grants=False)),
    ],
)  # fmt: skip
def test_settings_make_the_policy_and_one_that_cannot_be_used_is_the_default(
    said: dict[str, str], policy: Policy
) -> None:
    made = policies([("demo", key, value) for key, value in said.items()])
    assert made.get("demo", DEFAULT) == policy


@pytest.mark.parametrize("key", [BROWSER, SERVER])
@pytest.mark.parametrize(
    ("addresses", "consent", "kept"),
    [
        ("full", None, "203.0.113.9"),
        ("full", {"ad_user_data": "granted"}, "203.0.113.9"),
        ("full", {"ad_user_data": "denied"}, "203.0.113.0"),
        ("truncated", None, "203.0.113.0"),
        ("none", None, None),
    ],
)
async def test_an_address_is_kept_as_policy_and_consent_allow(
    key: str, addresses: Any, consent: Any, kept: str | None
) -> None:
    item = {**VIEW, "ip": "203.0.113.9", "consent": consent}
    record = await seen(item, Policy(addresses=addresses), key=key)
    assert record.browser.ip == kept


async def test_the_address_of_an_order_is_kept_by_the_same_policy() -> None:
    order = {"order_id": "1", "ordered_at": "2026-09-01", "revenue": 5, "currency": "EUR",
             "ip": "2001:db8:1:2::9"}  # fmt: skip
    record = await seen(order, Policy(addresses="truncated"), key=SERVER, path="/v1/orders")
    assert record.browser.ip == "2001:db8:1::"


async def test_what_is_no_address_is_left_out_where_it_would_be_cut() -> None:
    record = await seen({**VIEW, "ip": "somewhere"}, Policy(addresses="truncated"))
    assert record.browser.ip is None


async def test_privacy_control_denies_what_it_is_about_whatever_the_page_grants() -> None:
    said = {"ad_user_data": "granted", "analytics_storage": "granted"}
    record = await seen({**VIEW, "consent": said}, sec_gpc="1")
    assert record.consent.model_dump(exclude_none=True) == {
        "ad_user_data": "denied", "ad_personalization": "denied", "analytics_storage": "granted",
    }  # fmt: skip
    assert record.browser.ip == "203.0.113.0"


@pytest.mark.parametrize(
    ("policy", "headers", "consent"),
    [
        (DEFAULT, {"dnt": "1"}, None),
        (DEFAULT, {"sec_gpc": "0"}, None),
        (Policy(gpc=False), {"sec_gpc": "1"}, None),
        (Policy(dnt=True), {"dnt": "0"}, None),
        (Policy(dnt=True), {"dnt": "1"}, ALL_DENIED),
    ],
)
async def test_a_browsers_signal_counts_as_the_tenant_says(
    policy: Policy, headers: dict[str, str], consent: dict[str, str] | None
) -> None:
    record = await seen(VIEW, policy, **headers)
    found = record.consent and record.consent.model_dump(exclude_none=True)
    assert found == consent


async def test_no_signal_grants_what_the_page_denied() -> None:
    record = await seen({**VIEW, "consent": {"ad_storage": "denied"}}, sec_gpc="1", dnt="1")
    assert record.consent.ad_storage == "denied"


async def test_a_server_speaks_for_its_visitors_itself() -> None:
    record = await seen(VIEW, Policy(dnt=True), key=SERVER, sec_gpc="1", dnt="1", x_anonymous="*")
    assert (record.consent, record.visitor_id) == (None, "v")


async def test_a_decision_is_what_was_decided_whatever_the_browser_signals() -> None:
    item = {"visitor_id": "v", "consent": {"ad_user_data": "granted"}}
    command = await seen(item, path="/v1/consent", sec_gpc="1", x_anonymous="*")
    assert command.body.ids == ("visitor:v",)
    assert command.body.consent.ad_user_data == "granted"


WHOLE = {
    "event_name": "Purchase", "event_id": "e1", "visitor_id": "v", "session_id": "s",
    "url": "https://shop.example/p?utm_source=meta&fbclid=IwAR9&customer=77#mary",
    "referrer": "https://m.facebook.com/?fbclid=IwAR9", "gclid": "Cj0K", "ip": "203.0.113.77",
    "identifiers": {"email": "mary@shop.example", "fbp": "fb.1", "customer_id": "c-77"},
    "user_data": {"fn": "Mary"}, "order_id": "o-77", "checkout_id": "k-77",
    "properties": {"note": "c-77"}, "value": 5, "currency": "USD",
    "consent": {"ad_user_data": "granted"},
}  # fmt: skip


async def test_an_anonymous_visitor_leaves_nothing_that_tells_who_it_was() -> None:
    record = await seen(WHOLE, x_anonymous="*")

    assert isinstance(record, PixelEvent)
    assert record.visitor_id is not None
    assert record.visitor_id.startswith("anon-")
    text = record.model_dump_json()
    for word in (
        "c-77",
        "fb.1",
        "IwAR9",
        "Cj0K",
        "203.0",
        "Mozilla",
        "o-77",
        "k-77",
        "mary",
        '"s"',
    ):
        assert word not in text
    assert record.browser.url is not None
    assert record.browser.url.startswith("https://shop.example/p?utm_source=meta&fbclid=")
    assert record.marketing.gclid == "[removed]"
    assert record.consent is not None
    assert record.consent.model_dump(exclude_none=True) == ALL_DENIED
    assert (record.value, record.device_fingerprint) == (500, None)


@pytest.mark.parametrize(
    ("path", "policy", "headers", "is_anonymous"),
    [
        ("/v1/events?anonymous=1", DEFAULT, {}, True),
        ("/v1/events?anonymous=0", DEFAULT, {}, False),
        ("/v1/events?x=anonymous", DEFAULT, {}, False),
        ("/v1/events", DEFAULT, {"x_anonymous": "no"}, False),
        ("/v1/events", Policy(anonymous=True), {}, True),
        ("/v1/touchpoints", DEFAULT, {"x_anonymous": "1"}, True),
    ],
)
async def test_a_visitor_is_anonymous_who_asks_for_it(
    path: str, policy: Policy, headers: dict[str, str], is_anonymous: bool
) -> None:
    record = await seen(VIEW, policy, path=path, **headers)
    assert (record.visitor_id != "v") == is_anonymous


def test_anonymous_visits_are_one_visitors_by_day_agent_network_tenant_and_secret() -> None:
    def who(**other: Any) -> str:
        said: dict[str, Any] = {
            "secret": b"s", "tenant": "demo", "received_at": NOW, "ip": "203.0.113.9",
            "agent": CHROME, **other,
        }  # fmt: skip
        return visitor_of_the_day(said.pop("secret"), **said)

    day = 86_400_000
    assert who() == who(received_at=NOW + 1) == who(ip="203.0.113.200")
    others: list[dict[str, Any]] = [
        {}, {"received_at": NOW + day}, {"received_at": NOW - day}, {"agent": "x"},
        {"ip": "198.51.100.9"}, {"ip": None}, {"tenant": "other"}, {"secret": b"t"},
    ]  # fmt: skip
    assert len({who(**other) for other in others}) == len(others)


@settings(max_examples=40, deadline=None)
@given(item=st.fixed_dictionaries({}, optional={name: st.just(v) for name, v in WHOLE.items()}))
def test_no_clear_detail_is_ever_in_a_record_whatever_the_policy(item: dict[str, Any]) -> None:
    async def ask() -> None:
        for policy in (DEFAULT, Policy(addresses="none", same_site="Lax"), Policy(anonymous=True)):
            gateway = under(policy)
            cookie = {"cookie": "_attributary_id=mary%40shop.example"}
            said = {**VIEW, **item}
            for path in ("/v1/touchpoints", "/v1/events", "/v1/identify"):
                await gateway.post(path, said, key=BROWSER, headers={**HEADERS, **cookie})
            for row in gateway.outlet.rows:
                held = (row.raw.value or b"") + (row.raw.key or b"")
                assert b"mary@" not in held
                assert b"Mary" not in held
                if policy.addresses == "none":
                    assert b"203.0.113" not in held

    asyncio.run(ask())
