"""Orders in many currencies: no rate, no guess; a rate that comes late restates."""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from schemas.command import SetRate, SetSetting
from tests.integration.pipeline.shop import Shop, command, open_shop, taken
from tests.unit.gateway.asking import Gateway

CONVERSIONS = """SELECT order_id, revenue, currency, revenue_reporting, reporting_currency, state
FROM attribution_conversions ORDER BY order_id"""
SUMMARY = """SELECT sum(conversions), sum(revenue) FROM attribution_channel_summary
WHERE model = 'linear' AND attribution_window = 'ltv'"""


@pytest.fixture
async def shop(database: str) -> AsyncIterator[Shop]:
    async with open_shop(database) as made:
        yield made


async def sell(shop: Shop, *orders: tuple[str, str, str], day: str = "2026-09-01") -> None:
    """(order id, revenue, currency)."""
    gateway = Gateway()
    for order_id, revenue, currency in orders:
        item: dict[str, Any] = {"order_id": order_id, "revenue": revenue, "currency": currency}
        answer = await gateway.post("/v1/orders", {**item, "ordered_at": f"{day}T12:00:00Z"})
        assert answer.status == 200, answer.json
    await shop.feed(taken(gateway))


async def rate(shop: Shop, currency: str, value: str, *, date: str = "2026-01-01") -> None:
    body = SetRate(currency=currency, reporting="USD", date=date, rate=value)
    await shop.feed([command(body)])


async def test_without_a_rate_an_order_waits_and_a_late_rate_restates_it(shop: Shop) -> None:
    await sell(shop, ("1", "100.00", "EUR"), ("2", "10.00", "USD"))
    assert await shop.rows(CONVERSIONS) == [
        ("1", Decimal("100.00"), "EUR", None, "USD", "pending_rate"),
        ("2", Decimal("10.00"), "USD", Decimal("10.00"), "USD", "unattributed"),
    ]
    assert await shop.rows(SUMMARY) == [(1, Decimal("10.00"))]
    assert await shop.differences() == []

    await rate(shop, "EUR", "1.0837")
    assert (await shop.rows(CONVERSIONS))[0][3:] == (Decimal("108.37"), "USD", "unattributed")
    assert await shop.rows(SUMMARY) == [(2, Decimal("118.37"))]
    assert await shop.differences() == []

    # A correction of the rate, a rate of later days, and one for another currency.
    await rate(shop, "EUR", "1.1")
    await rate(shop, "EUR", "2", date="2026-09-02")
    await rate(shop, "GBP", "3")
    assert (await shop.rows(CONVERSIONS))[0][3] == Decimal("110.00")
    assert await shop.rows(SUMMARY) == [(2, Decimal("120.00"))]
    assert await shop.differences() == []


async def test_a_rate_holds_from_its_day_on(shop: Shop) -> None:
    await rate(shop, "EUR", "2", date="2026-09-02")
    await sell(shop, ("1", "1.00", "EUR"))
    await sell(shop, ("2", "1.00", "EUR"), day="2026-09-02")
    await sell(shop, ("3", "1.00", "EUR"), day="2026-09-20")

    assert [row[5] for row in await shop.rows(CONVERSIONS)] == [
        "pending_rate", "unattributed", "unattributed",
    ]  # fmt: skip
    assert await shop.differences() == []


async def test_currencies_without_decimals_and_with_three_keep_every_unit(shop: Shop) -> None:
    await rate(shop, "JPY", "0.0067")
    await rate(shop, "KWD", "3.25")
    # More decimals than the currency has are rounded half-even at the door.
    await sell(
        shop, ("1", "12345", "JPY"), ("2", "12345.5", "JPY"), ("3", "1.234", "KWD"),
        ("4", "0.0005", "KWD"), ("5", "0.0015", "KWD"),
    )  # fmt: skip

    assert [row[1:5] for row in await shop.rows(CONVERSIONS)] == [
        (Decimal("12345"), "JPY", Decimal("82.71"), "USD"),
        (Decimal("12346"), "JPY", Decimal("82.72"), "USD"),
        (Decimal("1.234"), "KWD", Decimal("4.01"), "USD"),
        (Decimal("0.000"), "KWD", Decimal("0.00"), "USD"),
        (Decimal("0.002"), "KWD", Decimal("0.01"), "USD"),
    ]
    assert await shop.differences() == []


async def test_another_reporting_currency_restates_every_order(shop: Shop) -> None:
    await sell(shop, ("1", "1.50", "USD"), ("2", "100", "JPY"))
    await shop.feed(
        [
            command(SetSetting(key="currency", value="JPY")),
            command(SetRate(currency="USD", reporting="JPY", date="2026-01-01", rate="150")),
        ]
    )

    assert [row[3:] for row in await shop.rows(CONVERSIONS)] == [
        (Decimal("225"), "JPY", "unattributed"), (Decimal("100"), "JPY", "unattributed"),
    ]  # fmt: skip
    assert await shop.rows(SUMMARY) == [(2, Decimal("325"))]
    assert await shop.differences() == []


@pytest.mark.parametrize("currency", ["XQX", "EURO", "", "€", "XXX", "BTC"])
async def test_a_currency_that_iso_4217_does_not_have_is_refused_by_name(currency: str) -> None:
    item = {"order_id": "1", "ordered_at": "2026-09-01", "revenue": 1, "currency": currency}

    answer = await Gateway().post("/v1/orders", item)

    assert answer.status == 422
    assert [row["field"] for row in answer.json["rejected"]] == ["currency"]
