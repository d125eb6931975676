"""What customers buy, when, and what becomes of the order afterwards."""

from dataclasses import dataclass
from random import Random
from typing import Final, Literal

from deploy.demo.people import HOUR, MINUTE, Customer, Visitor
from deploy.demo.shops import Product, Shop

Fate = Literal[
    "paid", "updated", "refunded_partly", "refunded", "cancelled", "pending_first", "test"
]

_FATES: Final[dict[Fate, int]] = {
    "paid": 76,
    "updated": 7,
    "refunded_partly": 7,
    "refunded": 3,
    "cancelled": 3,
    "pending_first": 4,
}
_NO_RATE: Final = "DKK"


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """An order; `total` is in minor units of `currency`, which has the shop's decimals."""

    at: int
    order_id: str
    customer: Customer
    visitor: Visitor
    basket: tuple[tuple[Product, int], ...]
    currency: str
    total: int
    fate: Fate
    checkout: str
    code: str | None
    carries_visitor: bool


def purchases(
    rng: Random, shop: Shop, found: list[Customer], *, now: int, run: str
) -> list[Purchase]:
    """One order for each customer, a second one now and then."""
    made: list[Purchase] = []
    for customer in found:
        for _ in range(2 if rng.random() < 0.06 else 1):
            made.append(_purchase(rng, shop, customer, now=now, run=run, number=len(made)))
    return made


def _purchase(
    rng: Random, shop: Shop, customer: Customer, *, now: int, run: str, number: int
) -> Purchase:
    visitor = customer.visitors[0]
    recent = [visit for visit in visitor.visits if now - visit.at < 48 * HOUR]
    visit = rng.choice(recent[-2:])
    basket = tuple(
        (product, rng.choices((1, 2, 3), (8, 2, 1))[0])
        for product in rng.sample(shop.products, rng.choices((1, 2), (7, 3))[0])
    )
    currency, total = _money(rng, shop, basket, number=number)
    return Purchase(
        at=min(visit.at + rng.randint(3 * MINUTE, 50 * MINUTE), now - 25 * MINUTE),
        order_id=_order_id(shop, run=run, number=number),
        customer=customer,
        visitor=visitor,
        basket=basket,
        currency=currency,
        total=total,
        fate=_fate(rng, shop, number=number),
        checkout=f"chk-{shop.tenant}-{run}-{number}",
        code=rng.choice(("WELCOME10", "SUMMER", None, None, None)),
        carries_visitor=rng.random() < 0.85,
    )


def _money(
    rng: Random, shop: Shop, basket: tuple[tuple[Product, int], ...], *, number: int
) -> tuple[str, int]:
    total = sum(product.price * quantity for product, quantity in basket)
    if shop.foreign and number == 0:
        return _NO_RATE, total * 7
    for currency, factor, share in shop.foreign:
        if rng.random() < share:
            return currency, round(total * factor)
    return shop.currency, total


def _fate(rng: Random, shop: Shop, *, number: int) -> Fate:
    if shop.shopify_domain and number == 1:
        return "test"
    return rng.choices(list(_FATES), list(_FATES.values()))[0]


def _order_id(shop: Shop, *, run: str, number: int) -> str:
    """Shopify's are integers beyond 2^53, which a careless reader would round."""
    if shop.shopify_domain:
        return str(820_000_000_000_000_000 + int(run, 36) * 10_000 + number)
    return f"{shop.currency}-{run}-{number:05d}"
