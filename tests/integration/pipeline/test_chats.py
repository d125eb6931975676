"""A chat that an ad opened and that ends in an order is told to Meta as what the chat became."""

import random
from collections.abc import AsyncIterator

import pytest

from processors.domain.ids import purchase_event_id
from processors.platforms.whatsapp.convert import event, refusal
from tests.integration.pipeline.shop import Entry, Shop, open_shop, taken
from tests.unit.gateway.asking import Gateway
from tests.unit.gateway.vendors import AT, PHONE, REFERRAL, chat, message, post

DAY = 86_400
CAME = AT - 9 * DAY
OTHER = "16505550199"


@pytest.fixture
async def shop(database: str) -> AsyncIterator[Shop]:
    async with open_shop(database) as made:
        await made.connect("meta", "whatsapp")
        yield made


async def wrote(gateway: Gateway, phone: str, **about: object) -> None:
    said = message(timestamp=str(CAME), id=f"wamid.{phone}", **{"from": phone, **about})
    answer = await post(
        gateway, "/webhooks/whatsapp", chat(messages=[said], contacts=[{"wa_id": phone}])
    )
    assert answer.status == 200, answer.content


async def bought(gateway: Gateway, order_id: str, *, at: int, phone: str = PHONE) -> None:
    item = {
        "order_id": order_id, "ordered_at": at, "revenue": "19.90", "currency": "USD",
        "identifiers": {"phone": f"+{phone}"},
    }  # fmt: skip
    answer = await gateway.post("/v1/orders", item)
    assert answer.status == 200, answer.content


async def day_of_the_shop() -> list[Entry]:
    """One came by an ad and bought twice, a second time after the week; another just wrote."""
    gateway = Gateway()
    await wrote(gateway, PHONE, referral=REFERRAL)
    await wrote(gateway, OTHER)
    await bought(gateway, "soon", at=CAME + 60)
    await bought(gateway, "late", at=CAME + 8 * DAY)
    await bought(gateway, "other", at=CAME + 60, phone=OTHER)
    lead = {
        "event_id": "lead-1", "event_name": "Lead", "event_time": CAME + 30,
        "user_data": {"phone": f"+{PHONE}"},
    }  # fmt: skip
    answer = await gateway.post("/api/v1/capi/events/stream", lead)
    assert answer.status == 200, answer.content
    return taken(gateway)


def told(shop: Shop, platform: str) -> set[str]:
    return {each.event_id for each in shop.deliveries(platform)}


async def test_the_order_of_a_chat_that_an_ad_opened_is_told_with_the_ads_click(
    shop: Shop,
) -> None:
    await shop.feed(await day_of_the_shop())
    found = {each.event_name: each for each in shop.deliveries("whatsapp")}
    assert found.keys() == {"Purchase", "Lead"}
    purchase = found["Purchase"]
    assert (purchase.order_id, purchase.value, purchase.currency) == ("soon", 1990, "USD")
    assert purchase.event_id == purchase_event_id(
        tenant="demo", source="api", order_id="soon", platform="whatsapp"
    )
    assert {refusal(each) for each in found.values()} == {None}
    said = event(purchase, waba_id="2002", now_ms=purchase.occurred_at)
    assert said["user_data"] == {
        "ph": [purchase.identifiers.phone_sha256],
        "ctwa_clid": "ARAkLkA+rmso",
        "whatsapp_business_account_id": "2002",
    }
    assert len(shop.deliveries("meta")) == 4
    assert {each.marketing.ctwa_clid for each in shop.deliveries("meta")} == {None}


@pytest.mark.parametrize("seed", range(4))
async def test_in_whatever_order_the_log_comes_what_the_oracle_demands_is_told(
    seed: int, shop: Shop
) -> None:
    log = await day_of_the_shop()
    rng = random.Random(seed)
    rng.shuffle(log)
    while log:
        size = rng.randint(1, 3)
        await shop.feed(log[:size])
        log = log[size:]
    oracle = shop.oracle("meta", "whatsapp")
    for platform in ("meta", "whatsapp"):
        must = {name for _, own, name in oracle["deliveries"] if own == platform}
        may = {name for _, own, name in oracle.deliveries_may if own == platform}
        assert must <= told(shop, platform) <= may
        assert must
        assert len(shop.deliveries(platform)) == len(told(shop, platform))
