"""Platforms without the pipeline: the same requests, patience, consent, and real hashes."""

import doctest
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from processors.domain.ids import purchase_event_id
from processors.platforms import direct
from processors.platforms.base import Account, Result
from processors.platforms.direct import DirectEvent
from processors.platforms.ga4.client import Ga4
from processors.platforms.meta import direct as meta
from processors.platforms.pinterest import direct as pinterest
from processors.platforms.snapchat import direct as snapchat
from processors.platforms.tiktok import direct as tiktok
from schemas.envelope import Browser, Consent, Identifiers, Marketing
from tests.contract.platforms.vendor import Vendor

NOW = 1_788_600_000_000
BOUGHT = DirectEvent(
    occurred_at=NOW,
    order_id=1001,
    value=Decimal("129.90"),
    currency="EUR",
    contents=[{"sku": "s", "price": "64.95", "quantity": 2}],
    user_data={"email": " Mary@Example.com", "phone": "+1 (415) 555-0100"},
    marketing=Marketing(fbclid="IwAR", ttclid="E.C.P"),
    browser=Browser(url="https://shop.example/thanks", user_agent="Mozilla/5.0"),
)
MARY = hashlib.sha256(b"mary@example.com").hexdigest()
Send = Callable[..., Awaitable[Result]]


@pytest.fixture
def slept(vendor: Vendor, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Where waits are kept; every platform is the vendor."""
    for platform in ("META", "TIKTOK", "GA4", "PINTEREST", "SNAPCHAT"):
        monkeypatch.setenv(f"ATTRIBUTARY_{platform}_BASE_URL", vendor.url)
    return []


def noting(slept: list[float]) -> direct.Sleep:
    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    return sleep


async def test_meta_gets_a_purchase(vendor: Vendor, slept: list[float]) -> None:
    vendor.body = {"events_received": 1}
    assert await meta.send_purchase_event("77", "secret-1", BOUGHT) == Result("sent")
    (event,) = vendor.seen[0].body["data"]
    assert vendor.seen[0].path == "/v26.0/77/events"
    assert vendor.seen[0].headers["authorization"] == "Bearer secret-1"
    assert event["user_data"]["em"] == [MARY]
    assert event["user_data"]["fbc"] == f"fb.1.{NOW}.IwAR"
    assert event["custom_data"]["value"] == 129.9
    assert event["custom_data"]["contents"] == [{"id": "s", "quantity": 2, "item_price": 64.95}]
    assert event["event_id"] == purchase_event_id(
        tenant="77", source="api", order_id="1001", platform="meta"
    )


async def test_pinterest_gets_a_purchase(vendor: Vendor, slept: list[float]) -> None:
    vendor.body = {"events": [{"status": "processed"}]}
    assert await pinterest.send_purchase_event("549", "secret-1", BOUGHT) == Result("sent")
    (event,) = vendor.seen[0].body["data"]
    assert vendor.seen[0].path == "/v5/ad_accounts/549/events"
    assert vendor.seen[0].headers["authorization"] == "Bearer secret-1"
    assert event["event_name"] == "checkout"
    assert event["user_data"]["em"] == [MARY]
    assert event["custom_data"]["value"] == "129.90"


async def test_snapchat_gets_a_purchase(vendor: Vendor, slept: list[float]) -> None:
    vendor.body = {"status": "VALID"}
    assert await snapchat.send_purchase_event("px", "secret-1", BOUGHT) == Result("sent")
    (event,) = vendor.seen[0].body["data"]
    assert vendor.seen[0].path == "/v3/px/events"
    assert vendor.seen[0].params == {"access_token": "secret-1"}
    assert event["user_data"]["em"] == [MARY]
    assert event["user_data"]["ph"] == [hashlib.sha256(b"14155550100").hexdigest()]
    assert event["custom_data"]["value"] == 129.9


async def test_tiktok_gets_a_purchase(vendor: Vendor, slept: list[float]) -> None:
    vendor.body = {"code": 0, "message": "OK"}
    assert await tiktok.send_purchase_event("C4X", "secret-1", BOUGHT) == Result("sent")
    (event,) = vendor.seen[0].body["data"]
    assert vendor.seen[0].path == "/open_api/v1.3/event/track/"
    assert vendor.seen[0].headers["access-token"] == "secret-1"
    assert event["user"]["email"] == MARY
    assert event["user"]["phone"] == hashlib.sha256(b"+14155550100").hexdigest()
    assert event["user"]["ttclid"] == "E.C.P"
    assert event["properties"]["order_id"] == "1001"


@pytest.mark.parametrize(
    "send", [meta.send_event, pinterest.send_event, snapchat.send_event, tiktok.send_event]
)
async def test_what_may_pass_is_sent_again_under_its_id_until_patience_ends(
    send: Send, vendor: Vendor, slept: list[float]
) -> None:
    vendor.status, vendor.headers = 503, {"Retry-After": "3"}
    result = await send("77", "t", BOUGHT, retries=2, sleep=noting(slept))
    assert result.verdict == "retry"
    assert slept == [3, 3]
    ids = [seen.body["data"][0]["event_id"] for seen in vendor.seen]
    assert len(ids) == 3
    assert len(set(ids)) == 1


@pytest.mark.parametrize(
    "send", [meta.send_event, pinterest.send_event, snapchat.send_event, tiktok.send_event]
)
async def test_an_answer_that_gets_lost_is_asked_for_again(
    send: Send, vendor: Vendor, slept: list[float]
) -> None:
    vendor.silent = True
    result = await send("77", "t", BOUGHT, retries=1, sleep=noting(slept))
    assert (result.verdict, slept, len(vendor.seen)) == ("unknown", [1], 2)


async def test_what_a_platform_would_count_twice_is_sent_once_when_in_doubt(
    vendor: Vendor, slept: list[float]
) -> None:
    vendor.silent = True
    viewed = replace(BOUGHT, event_name="ViewContent", event_id="e")
    said = direct.delivery(viewed, "ga4", "G-1")
    account = Account("direct", "G-1", {"api_secret": "s"})
    result = await direct.send(Ga4, account, said, sleep=noting(slept))
    assert (result.verdict, slept, len(vendor.seen)) == ("unknown", [], 1)


@pytest.mark.parametrize(
    "send", [meta.send_event, pinterest.send_event, snapchat.send_event, tiktok.send_event]
)
async def test_a_refusal_is_final(send: Send, vendor: Vendor, slept: list[float]) -> None:
    vendor.status = 400
    vendor.body = {"error": {"code": 100}, "code": 40002}
    result = await send("77", "t", BOUGHT, sleep=noting(slept))
    assert (result.verdict, slept, len(vendor.seen)) == ("rejected", [], 1)


@pytest.mark.parametrize(
    "send", [meta.send_event, pinterest.send_event, snapchat.send_event, tiktok.send_event]
)
@pytest.mark.parametrize("flag", ["ad_storage", "ad_user_data"])
async def test_nothing_is_sent_against_consent(
    send: Send, flag: str, vendor: Vendor, slept: list[float]
) -> None:
    denied = replace(BOUGHT, consent=Consent.model_validate({flag: "denied"}))
    result = await send("77", "t", denied)
    assert (result.error, vendor.seen) == ("consent does not allow it", [])


@pytest.mark.parametrize("send", [meta.send_event, snapchat.send_event, tiktok.send_event])
async def test_what_no_platform_can_take_is_not_sent(
    send: Send, vendor: Vendor, slept: list[float]
) -> None:
    result = await send("77", "t", replace(BOUGHT, value=None))
    assert result == Result("rejected", "a Purchase needs a value and a currency")
    assert vendor.seen == []


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"order_id": None}, "event_id or order_id is required"),
        ({"currency": "EURO"}, "currency is not an ISO 4217"),
        ({"currency": None}, "currency is required with value"),
        ({"value": "much"}, "value is not an amount"),
        ({"contents": [{"sku": "s", "price": -1}]}, r"contents\[0\].price is not an amount"),
    ],
)
async def test_a_field_that_is_wrong_is_named(wrong: dict[str, Any], error: str) -> None:
    with pytest.raises(ValueError, match=error):
        await meta.send_purchase_event("77", "t", replace(BOUGHT, **wrong))


@pytest.mark.parametrize(
    "send",
    [meta.send_purchase_event, snapchat.send_purchase_event, tiktok.send_purchase_event],
)
async def test_only_a_purchase_is_sent_as_one(send: Send) -> None:
    with pytest.raises(ValueError, match="event_name must be Purchase"):
        await send("77", "t", replace(BOUGHT, event_name="Lead"))


def test_an_event_has_its_caller_s_id_or_one_of_its_order_and_name() -> None:
    def made(**fields: Any) -> str:
        return direct.delivery(replace(BOUGHT, **fields), "meta", "77").event_id

    assert made(event_id="mine") == "mine"
    assert made() == made(order_id="1001") != made(order_id=1002)
    assert made(event_name="AddPaymentInfo") not in (made(), made(event_name="InitiateCheckout"))


def test_hashes_are_real_and_in_each_platform_s_form() -> None:
    phone = "+1 (415) 555-0100"
    assert meta.hash_pii(" Mary@Example.com") == MARY == tiktok.hash_pii(MARY.upper(), "email")
    assert meta.hash_pii(phone, "phone") == hashlib.sha256(b"14155550100").hexdigest()
    assert tiktok.hash_pii(phone, "phone") == hashlib.sha256(b"+14155550100").hexdigest()
    assert meta.hash_pii("O'Neil", "last_name") == hashlib.sha256(b"oneil").hexdigest()
    with pytest.raises(ValueError, match=r"this is no email$"):
        meta.hash_pii("no address", "email")
    with pytest.raises(ValueError, match="this is no detail of a person"):
        meta.hash_pii("  ")
    with pytest.raises(ValueError, match="kind must be one of email"):
        tiktok.hash_pii("Berlin", "city")


@pytest.mark.parametrize("module", [meta, pinterest, snapchat, tiktok])
def test_what_the_descriptions_show_is_so(module: Any) -> None:
    failures, tries = doctest.testmod(module)
    assert failures == 0 < tries


def test_people_and_tokens_are_not_shown() -> None:
    shown = repr(replace(BOUGHT, identifiers=Identifiers(fbp="fb.1.1.1")))
    assert "Mary" not in shown
