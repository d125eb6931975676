"""Orders in several versions that contradict each other, and the pixel's own purchases.

Versions are whole orders and parts of one: refunds, edits, disputes, each of which may be all
that is ever told of its order, or come before it.
"""

import random
from collections.abc import Iterator, Sequence
from typing import Any

from schemas.envelope import Browser, Content, Marketing
from schemas.order import Dispute, Order, Refund
from schemas.pixel_event import PixelEvent
from tests.support.random_events import consent
from tests.support.random_people import DAY, World, content_hash

CURRENCIES = ("USD", "USD", "EUR", "EUR", "JPY", "KWD", "GBP")
"""GBP never gets a rate."""

GIVEN_BACK_SHARE = 0.3

_SAYS_NOTHING = Marketing()
_SAYS = (_SAYS_NOTHING, Marketing(creator="ADA"), Marketing(ref="Vip", creator="nobody"))
_NOWHERE = Browser()
_LANDED = (Browser(url="/?ref=vip"), Browser(url="https://shop.example.com/a?creator=Spring10"))
_SOURCES = ("shopify", "api", "woo")


def orders(world: World, count: int) -> Iterator[Order]:
    """Every snapshot of `count` orders."""
    for n in range(count):
        base = _base(world, number=n)
        gross = world.rng.choice([0, 1, 7, 100, 999, 12_345, 10**9])
        base["buyer"] = world.visitor()
        base["currency"] = world.rng.choice(CURRENCIES)
        versions = [{"ordered_at": world.order_moment(), "gross": gross, **_basket(world)}]
        for _ in range(world.rng.choice([0, 0, 1, 2, 3])):
            versions.append(_change(world, gross=gross, buyer=base["buyer"]))
        if world.chance(0.1):  # a correction whose beginning is lost
            versions = versions[1:] or versions
        for version in versions:
            yield _snapshot(world, {**base, **version})


def given_back(orders: Sequence[Order]) -> Iterator[Order]:
    """Later snapshots of some of these orders: refunds of a part each, told again beside the next
    one; some tell what they add up to, some are all that the snapshot tells, and at times a cancel
    ends it. Drawn by the orders alone, so that nothing else is drawn otherwise for it."""
    first: dict[tuple[str, str, str], Order] = {}
    for order in orders:
        if order.gross is not None and order.batch is None:
            first.setdefault((order.tenant_id, order.source, order.order_id), order)
    for order in first.values():
        rng = random.Random(f"given back {order.content_hash}")
        if rng.random() < GIVEN_BACK_SHARE:
            for n, version in enumerate(_given_back(rng, order)):
                fields = {
                    "tenant_id": order.tenant_id, "source": order.source, "test": order.test,
                    "order_id": order.order_id, "event_id": f"{order.event_id}-back-{n}",
                    "currency": order.currency, **version,
                }  # fmt: skip
                at = order.received_at + (n + 1) * DAY
                yield Order(**fields, content_hash=content_hash(fields), received_at=at)


def _given_back(rng: random.Random, order: Order) -> Iterator[dict[str, Any]]:
    gross = order.gross or 0
    refunds = [
        Refund(
            refund_id=f"part-{n}", amount=gross // 4,
            refunded_at=order.received_at + n * DAY if rng.random() < 0.5 else None,
        )
        for n in range(rng.choice([1, 2, 3, 4]))
    ]  # fmt: skip
    summed, whole = rng.random() < 0.3, rng.random() < 0.6
    for count in range(1, len(refunds) + 1):
        yield {
            "refunds": tuple(refunds[:count]),
            "refunded": count * (gross // 4) if summed else None,
            "gross": gross if whole else None,
            "status": "partially_refunded" if whole else None,
            "updated_at": order.received_at + rng.randrange(9) * DAY,
        }
    if rng.random() < 0.3:
        yield {"refunds": tuple(refunds), "status": "cancelled", "gross": gross}


def purchases(world: World, count: int, *, orders: int) -> Iterator[PixelEvent]:
    """What browsers say of orders, some of which the shop never tells of."""
    for _ in range(count):
        number = world.rng.randrange(orders + orders // 4 + 1)
        at = world.order_moment()
        source, visitor = _SOURCES[number % 3], world.visitor()
        told = world.chance(0.85)
        fields: dict[str, Any] = {
            "tenant_id": world.tenant,
            "event_id": world.name("p"),
            "source": "events",
            "event_name": "Purchase",
            "occurred_at": at,
            "visitor_id": visitor,
            "identifiers": world.identifiers(visitor=visitor, share=0.3),
            "value": world.rng.choice([50, 12_345]) if told else None,
            "currency": world.rng.choice(CURRENCIES) if told else None,
            "order_id": str(number) if world.chance(0.9) else None,
            "order_source": None if source == "api" else source,
            "consent": consent(world),
        }
        yield PixelEvent(
            **fields, content_hash=content_hash(fields), received_at=at + world.rng.choice([9, DAY])
        )


def _base(world: World, *, number: int) -> dict[str, Any]:
    return {
        "tenant_id": world.tenant,
        "source": _SOURCES[number % 3],
        "order_id": str(number),
        "test": world.chance(0.04),
    }


def _change(world: World, *, gross: int, buyer: str) -> dict[str, Any]:
    """A later snapshot: it may know less, and it may correct."""
    part = world.rng.choice([1, gross // 3, gross // 2, gross, gross * 2])
    refunds = [Refund(refund_id=f"r-{world.rng.randrange(3)}", amount=part)]
    kind = world.rng.choice(
        ["refund", "cumulative", "cancel", "status", "value", "ids", "edit", "dispute", "dispute"]
    )
    foreign = world.rng.choice([None, *CURRENCIES])
    return {
        "refund": {"refunds": tuple(refunds), "currency": foreign, "updated_at": world.moment()},
        "cumulative": {"refunded": part, "status": "partially_refunded", "gross": gross},
        "cancel": {"status": "cancelled"},
        "status": {
            "gross": gross,
            "status": world.rng.choice(["pending", "paid", "refunded", "charged_back"]),
        },
        "value": {"gross": gross + 250, "ordered_at": world.order_moment(), **_basket(world)},
        "edit": {"currency": None, "updated_at": world.moment()},
        "dispute": {"currency": foreign, "disputes": (_dispute(world),)},
        "ids": {"identifiers": world.identifiers(visitor=buyer if world.calm else None, share=1)},
    }[kind]  # type: ignore[return-value]


def _dispute(world: World) -> Dispute:
    """One of two of the order's, at times decided twice and of one day."""
    status = world.rng.choice(["open", "open", "won", "lost"])
    decided_at = world.start + world.rng.randrange(3) * DAY if status != "open" else None
    return Dispute(
        dispute_id=f"d-{world.rng.randrange(2)}",
        status=status,
        decided_at=decided_at if world.chance(0.8) else None,
    )


def _basket(world: World) -> dict[str, Any]:
    """What was bought, by which code, and when it was paid; any of it may be left out."""
    lines = [
        Content(product_id=f"p-{world.rng.randrange(9)}", quantity=world.rng.randint(0, 3)),
        Content(sku="SKU-1", title="Gift", price=world.rng.choice([None, 0, 1_999])),
        Content(product_id="p-1", sku="SKU-2", title="Shoe", price=12_345),
    ]
    codes = world.rng.choice([(), ("SPRING",), ("TEN", "SPRING")])
    ref, creator = (world.rng.choice([None, name]) for name in ("friend", "ada"))
    return {
        "line_items": tuple(world.rng.sample(lines, world.rng.randint(0, 3))),
        "discount_codes": codes,
        "marketing": Marketing(ref=ref, creator=creator),
        "paid_at": world.moment() if world.chance(0.3) else None,
        "status": world.rng.choice([None, None, "pending", "paid"]),
    }


def _snapshot(world: World, fields: dict[str, Any]) -> Order:
    """With its own ids, and a version that may tie with another one's."""
    at = fields.get("ordered_at") or world.moment()
    buyer = fields.pop("buyer")
    fields = {
        "visitor_id": buyer if world.chance(0.6) else None,
        "identifiers": world.identifiers(visitor=buyer, share=0.6),
        "consent": consent(world),
        "discount_codes": world.rng.choice([(), (), ("SPRING10",), ("vip", "spring10")]),
        "marketing": world.rng.choice([_SAYS_NOTHING, *_SAYS]),
        "browser": world.rng.choice([_NOWHERE, _NOWHERE, *_LANDED]),
        "event_id": world.name("o"),
        "updated_at": at - at % (10 * DAY) if world.chance(0.6) else None,
        **fields,
    }
    received_at = at + world.rng.choice([0, 1_000, 3 * DAY])
    return Order(**fields, content_hash=content_hash(fields), received_at=received_at)
