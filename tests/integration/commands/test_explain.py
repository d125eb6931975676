"""`explain` on real tables: the chain of ids, the credit and the money of every touch, and what
was left out and why."""

import random
from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from io import StringIO
from typing import Final

import pytest
from rich.console import Console

from processors.commands.explain import as_json, explain, render
from processors.engine.postgres import Database
from schemas.envelope import Identifiers, Marketing
from schemas.order import Order
from schemas.pixel_event import PixelEvent
from schemas.touchpoint import Touchpoint
from tests.support.pipeline import NOW, Pipeline

HOUR: Final = 3_600_000
ORDER: Final = "820982911946154508"


def touch(name: str, *, visitor: str, hours: float, **marketing: str) -> tuple[str, Touchpoint]:
    at = NOW - round(hours * HOUR)
    record = Touchpoint(
        tenant_id="acme", event_id=name, content_hash=name, occurred_at=at, received_at=NOW,
        visitor_id=visitor, marketing=Marketing(**marketing),
    )  # fmt: skip
    return "touchpoints.v1", record


def login(visitor: str) -> tuple[str, PixelEvent]:
    record = PixelEvent(
        tenant_id="acme", event_id=f"login-{visitor}", content_hash=visitor, source="identify",
        event_name="identify", occurred_at=NOW, received_at=NOW, visitor_id=visitor,
        identifiers=Identifiers(customer_id="c-1"),
    )  # fmt: skip
    return "pixel_events.v1", record


def order(source: str = "shopify") -> tuple[str, Order]:
    record = Order(
        tenant_id="acme", source=source, order_id=ORDER, event_id="o-1", content_hash="o-1",
        received_at=NOW, ordered_at=NOW, status="paid", currency="USD", gross=10_000,
        visitor_id="laptop", identifiers=Identifiers(customer_id="c-1"),
    )  # fmt: skip
    return "orders.v1", record


@pytest.fixture
async def db(database: str) -> AsyncIterator[Database]:
    found = await Database.connect(database, application_name="test", max_size=4)
    yield found
    await found.close()


async def drained(db: Database, *records: tuple[str, Touchpoint | PixelEvent | Order]) -> None:
    async with db.connection() as conn:
        await conn.execute("INSERT INTO tenants (tenant_id) VALUES ('acme') ON CONFLICT DO NOTHING")
    pipeline = Pipeline(db)
    await pipeline.feed(list(records))
    await pipeline.drain(random.Random(1))


async def test_each_touch_has_its_chain_of_ids_its_credit_and_its_money(db: Database) -> None:
    await drained(
        db,
        touch("phone-ad", visitor="phone", hours=30, fbclid="x"),
        touch("laptop-mail", visitor="laptop", hours=2, utm_medium="email", utm_source="klaviyo"),
        login("phone"),
        order(),
        touch("after", visitor="laptop", hours=-1),
        touch("ancient", visitor="laptop", hours=24 * 400),
    )
    (found,) = await explain(f"gid://shopify/Order/{ORDER}", db=db, model="linear", window="30d")
    assert [(t.channel, t.credit, t.revenue, t.age) for t in found.touches] == [
        ("paid_social", Decimal("0.5"), Decimal("50.00"), timedelta(hours=30)),
        ("email", Decimal("0.5"), Decimal("50.00"), timedelta(hours=2)),
    ]
    phone, laptop = found.touches
    assert [(step.a, step.b) for step in phone.chain] == [("customer:c-1", "visitor:phone")]
    assert laptop.chain == ()
    assert (found.touches_after_order, found.touches_out_of_reach) == (1, 1)


async def test_a_touch_that_is_too_old_for_the_window_is_shown_without_credit(
    db: Database,
) -> None:
    await drained(db, touch("old", visitor="laptop", hours=30, gclid="g"), order())
    (found,) = await explain(ORDER, db=db, tenant="acme", model="last_touch", window="1d")
    assert [(t.credit, t.from_window) for t in found.touches] == [(None, "3d")]


async def test_an_order_id_of_two_shops_is_explained_for_both_and_an_unknown_one_for_none(
    db: Database,
) -> None:
    await drained(db, order("shopify"), order("pos"))
    found = await explain(ORDER, db=db)
    assert [one.order["source"] for one in found] == ["pos", "shopify"]
    assert await explain(ORDER, db=db, tenant="other") == ()
    assert await explain("nope", db=db) == ()


async def test_a_model_or_window_that_is_none_is_refused_by_name(db: Database) -> None:
    with pytest.raises(ValueError, match="best_touch is no model"):
        await explain(ORDER, db=db, model="best_touch")
    with pytest.raises(ValueError, match="2d is no window"):
        await explain(ORDER, db=db, window="2d")


async def test_the_text_and_the_json_say_the_same(db: Database) -> None:
    await drained(db, touch("ad", visitor="laptop", hours=3, gclid="g"), order())
    found = await explain(ORDER, db=db)
    console = Console(file=StringIO(), record=True, width=200)
    console.print(render(found))
    shown = console.export_text()
    for word in (
        ORDER,
        "worth 100.00 USD",
        "visitor:laptop",
        "paid_search",
        "3.0 h",
        "1.000000000",
    ):
        assert word in shown
    (plain,) = as_json(found)
    assert Decimal(plain["touches"][0]["credit"]) == 1
    assert plain["order"]["order_id"] == ORDER
