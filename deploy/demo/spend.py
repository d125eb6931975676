"""What the shops' ad accounts report for the days of the demo, and a correction of one figure."""

from random import Random
from typing import Any, Final

from deploy.demo.clock import date_of, utc
from deploy.demo.people import DAY, HOUR
from deploy.demo.shops import Shop

_CAMPAIGNS: Final = (
    ("google", "paid_search", "brand", 90),
    ("google", "paid_search", "generic_sale", 240),
    ("google", "paid_shopping", "shopping_all", 180),
    ("meta", None, "prospecting", 310),
    ("meta", "retargeting", "cart_7d", 60),
    ("tiktok", None, "spark_ads", 120),
    ("microsoft", None, "brand_bing", 25),
    ("mntn", None, "living_room", 150),
)
_PER_UNIT: Final = {"USD": 100, "EUR": 92, "JPY": 150}


def spend(rng: Random, shop: Shop, *, now: int) -> list[dict[str, Any]]:
    """A figure for each campaign and day; the last one corrects the first."""
    rows = [
        _row(shop, name, date=date_of(now - days * DAY, shop.time_zone), amount=rng.uniform(0.6, 1))
        | {"reported_at": utc(now - 6 * HOUR), "clicks": rng.randint(20, 900)}
        for days in (2, 1, 0)
        for name in _CAMPAIGNS
    ]
    return [*rows, rows[0] | {"amount": shop.amount(9_900), "reported_at": utc(now - HOUR)}]


def _row(
    shop: Shop, campaign: tuple[str, str | None, str, int], *, date: str, amount: float
) -> dict[str, Any]:
    platform, channel, name, budget = campaign
    row: dict[str, Any] = {
        "source": "demo",
        "account_id": f"{platform}-{shop.tenant}",
        "date": date,
        "platform": platform,
        "campaign": name,
        "currency": shop.currency,
        "amount": shop.amount(round(budget * _PER_UNIT[shop.currency] * amount)),
    }
    return row | ({"channel": channel} if channel else {})
