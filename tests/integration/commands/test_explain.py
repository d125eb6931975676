"""`explain` on real tables: the chain of ids, the credit and the money of every touch, and what
was left out and why."""

import random
from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from io import StringIO
from typing import Any, Final

import pytest
from rich.console import Console

from processors.commands.explain import as_json, explain, render
from processors.commands.explanation import Explanation
from processors.domain.attribution import STANDARD_MODELS
from processors.engine.postgres import Database
from schemas.command import Body, Command, SetRate, SetSetting, Unlink
from schemas.envelope import Frozen, Identifiers, Marketing
from schemas.order import Order, Refund
from schemas.pixel_event import PixelEvent
from schemas.touchpoint import Touchpoint
from tests.support.pipeline import NOW, Pipeline

HOUR: Final = 3_600_000
ORDER: Final = "820982911946154508"


def touch(
    name: str, *, visitor: str, hours: float, view: bool = False, **marketing: str
) -> tuple[str, Touchpoint]:
    at = NOW - round(hours * HOUR)
    record = Touchpoint(
        tenant_id="acme", event_id=name, content_hash=name, occurred_at=at, received_at=NOW,
        visitor_id=visitor, marketing=Marketing(**marketing), type="view" if view else "click",
    )  # fmt: skip
    return "touchpoints.v1", record


def login(visitor: str, **ids: str) -> tuple[str, PixelEvent]:
    name = f"login-{visitor}-{'-'.join(ids.values())}"
    record = PixelEvent(
        tenant_id="acme", event_id=name, content_hash=name, source="identify",
        event_name="identify", occurred_at=NOW, received_at=NOW, visitor_id=visitor,
        identifiers=Identifiers(**(ids or {"customer_id": "c-1"})),
    )  # fmt: skip
    return "pixel_events.v1", record


def order(source: str = "shopify", **fields: Any) -> tuple[str, Order]:
    given = {
        "event_id": "o-1", "content_hash": "o-1", "received_at": NOW, "ordered_at": NOW,
        "status": "paid", "currency": "USD", "gross": 10_000, "visitor_id": "laptop",
        "identifiers": Identifiers(customer_id="c-1"), **fields,
    }  # fmt: skip
    return "orders.v1", Order(tenant_id="acme", source=source, order_id=ORDER, **given)


def command(body: Body) -> tuple[str, Command]:
    record = Command(tenant_id="acme", command_id="k", issued_at=NOW, received_at=NOW, body=body)
    return "commands.v1", record


def setting(key: str, value: str) -> tuple[str, Command]:
    return command(SetSetting(key=key, value=value))


def left(found: Explanation) -> dict[str, list[str]]:
    """The touches that do not count, by reason, newest first."""
    return {out.reason: [touch.event_id for touch in out.newest] for out in found.left_out}


def shown(*found: Explanation, all_windows: bool = False) -> str:
    console = Console(file=StringIO(), record=True, width=220)
    console.print(render(found, all_windows=all_windows))
    return console.export_text()


@pytest.fixture
async def db(database: str) -> AsyncIterator[Database]:
    found = await Database.connect(database, application_name="test", max_size=4)
    yield found
    await found.close()


async def drained(db: Database, *records: tuple[str, Frozen]) -> None:
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
    assert left(found) == {"after_order": ["after"], "too_old": ["ancient"]}


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


async def test_every_touch_that_does_not_count_is_named_with_its_reason(db: Database) -> None:
    await drained(
        db,
        setting("view_window", "1d"),
        setting("max_touches", "1"),
        touch("ancient", visitor="laptop", hours=24 * 400),
        touch("first", visitor="laptop", hours=24 * 9),
        touch("middle", visitor="laptop", hours=24 * 8),
        touch("old-view", visitor="laptop", hours=48, view=True),
        touch("view", visitor="laptop", hours=3, view=True),
        touch("after", visitor="laptop", hours=-1),
        order(),
    )
    (found,) = await explain(ORDER, db=db)
    assert [t.event_id for t in found.touches] == ["first", "view"]
    assert left(found) == {
        "after_order": ["after"],
        "too_old": ["ancient"],
        "view_too_old": ["old-view"],
        "beyond_max_touches": ["middle"],
    }


async def test_under_clicks_only_the_views_are_named(db: Database) -> None:
    await drained(
        db,
        setting("attribution_mode", "clicks_only"),
        touch("view", visitor="laptop", hours=3, view=True),
        order(),
    )
    (found,) = await explain(ORDER, db=db)
    assert left(found) == {"clicks_only": ["view"]}
    assert found.order["state"] == "unattributed"
    assert found.why == (
        "no touch counts; touches that are views, and only clicks count (attribution_mode): 1"
    )


async def test_only_the_newest_of_a_reason_are_named_and_the_rest_is_counted(db: Database) -> None:
    late = [touch(f"after-{n:02}", visitor="laptop", hours=-1 - n) for n in range(53)]
    await drained(db, *late, order())
    (found,) = await explain(ORDER, db=db)
    (out,) = found.left_out
    assert (out.total, len(out.newest), out.newest[0].event_id) == (53, 50, "after-52")
    assert "and 3 older ones" in shown(found)


async def test_who_would_have_joined_but_for_an_unlink_is_named_with_the_record(
    db: Database,
) -> None:
    await drained(
        db,
        touch("phone-ad", visitor="phone", hours=30, fbclid="x"),
        login("phone"),
        command(Unlink(a="visitor:phone", b="customer:c-1")),
        order(),
    )
    (found,) = await explain(ORDER, db=db)
    (out,) = found.left_out
    assert (out.reason, out.newest[0].event_id, out.newest[0].from_window) == (
        "unlinked_id", "phone-ad", "3d",
    )  # fmt: skip
    assert out.joint is not None
    assert (out.joint.topic, out.joint.event_id) == ("pixel_events.v1", "login-phone-")
    assert "customer:c-1 ≠ visitor:phone  unlinked by an operator" in shown(found)


async def test_touches_on_a_shared_id_are_named_as_such(db: Database) -> None:
    await drained(
        db,
        setting("identity_fan_in_cap", "2"),
        touch("kiosk-ad", visitor="laptop", hours=3),
        *(login("laptop", customer_id=f"c-{n}") for n in range(3)),
        order(),
    )
    (found,) = await explain(ORDER, db=db)
    assert found.quarantined == ("visitor:laptop",)
    assert left(found) == {"quarantined_id": ["kiosk-ad"]}
    assert found.order["person_id"] == "customer:c-1"
    assert "shared by too many to join anybody: visitor:laptop" in shown(found)


async def test_an_order_of_a_shared_id_alone_says_that_nobody_can_be_told(db: Database) -> None:
    await drained(
        db,
        setting("identity_fan_in_cap", "2"),
        *(login("laptop", customer_id=f"c-{n}") for n in range(3)),
        order(identifiers=Identifiers()),
    )
    (found,) = await explain(ORDER, db=db)
    assert found.why == "every id that it carries is shared by too many to say who that is"


async def test_an_order_without_ids_or_touches_says_so(db: Database) -> None:
    await drained(
        db,
        order(visitor_id=None, identifiers=Identifiers()),
        order("pos"),
    )
    pos, shopify = await explain(ORDER, db=db)
    assert shopify.why == "it carries no id that joins"
    assert pos.why == "nobody has seen a touch of this person"


async def test_an_order_without_a_rate_names_the_command_that_tells_one(db: Database) -> None:
    await drained(db, touch("ad", visitor="laptop", hours=3), order(currency="EUR"))
    (found,) = await explain(ORDER, db=db)
    assert found.order["state"] == "pending_rate"
    assert "no rate from EUR to USD on 2026-05-28 or before: attributary tenant rate acme EUR=" in (
        found.why
    )
    assert found.rate is None


async def test_the_rate_that_was_used_is_told_with_its_date(db: Database) -> None:
    rates = [
        SetRate(currency="EUR", reporting="USD", date="2026-01-01", rate="1.10"),
        SetRate(currency="EUR", reporting="USD", date="2026-03-01", rate="1.20"),
        SetRate(currency="EUR", reporting="USD", date="2027-01-01", rate="1.30"),
    ]
    await drained(db, *map(command, rates), order(currency="EUR"))
    (found,) = await explain(ORDER, db=db)
    assert found.rate is not None
    assert (found.rate.rate, found.rate.date) == (Decimal("1.20"), "2026-03-01")
    assert "net 100.00 EUR = 120.00 USD at 1.20, the rate since 2026-03-01" in shown(found)


async def test_an_order_whose_amount_nobody_told_waits_with_all_its_touches(db: Database) -> None:
    await drained(
        db, touch("ad", visitor="laptop", hours=3), order(gross=None, currency=None, status=None)
    )
    (found,) = await explain(ORDER, db=db)
    assert found.why == "no snapshot of the shop has told its gross and currency yet"
    assert left(found) == {"order_pending": ["ad"]}
    assert "worth: not known yet" in shown(found)


async def test_each_snapshot_tells_what_it_changed(db: Database) -> None:
    edited = order(
        event_id="o-2", content_hash="o-2", received_at=NOW + 1, gross=12_000,
        discount_codes=("SUN",), identifiers=Identifiers(email_sha256="a" * 64),
    )  # fmt: skip
    refunded = order(
        event_id="o-3", content_hash="o-3", received_at=NOW + 2, gross=None, status=None,
        refunds=(Refund(refund_id="r-1", amount=2_000),),
    )  # fmt: skip
    await drained(db, refunded, edited, order())
    (found,) = await explain(ORDER, db=db)
    first, second, third = found.snapshots
    assert [s.event_id for s in found.snapshots] == ["o-1", "o-2", "o-3"]
    assert first.changes["gross"] == (None, Decimal("100.00"))
    assert second.changes.keys() == {"gross", "net", "ids", "discount_codes"}
    assert second.changes["gross"] == (Decimal("100.00"), Decimal("120.00"))
    assert third.changes == {
        "status": ("paid", "partially_refunded"),
        "refunded": (Decimal("0.00"), Decimal("20.00")),
        "net": (Decimal("120.00"), Decimal("100.00")),
    }
    assert third.changes["net"][1] == found.order["net"]
    assert "gross 100.00 -> 120.00" in shown(found)
    assert [(r["refund_id"], r["amount"]) for r in found.refunds] == [("r-1", Decimal("20.00"))]


async def test_the_pixels_own_purchase_is_shown_as_not_counted(db: Database) -> None:
    pixel = PixelEvent(
        tenant_id="acme", event_id="buy", content_hash="buy", source="events",
        event_name="Purchase", occurred_at=NOW, received_at=NOW, visitor_id="laptop",
        order_source="shopify", order_id=ORDER, value=9_000, currency="USD",
    )  # fmt: skip
    await drained(db, ("pixel_events.v1", pixel), order())
    (found,) = await explain(ORDER, db=db)
    assert [(s.event_id, s.counted) for s in found.snapshots] == [("buy", False), ("o-1", True)]
    assert "does not count: the pixel's own purchase" in shown(found)


async def test_credit_that_is_on_its_way_is_told_as_such(db: Database) -> None:
    await drained(db, touch("ad", visitor="laptop", hours=3), order())
    pipeline = Pipeline(db)
    await pipeline.feed([touch("late", visitor="laptop", hours=5)])
    await pipeline.turn(pipeline.replica("identity"), 10)
    (found,) = await explain(ORDER, db=db)
    assert [t.event_id for t in found.touches] == ["ad"]
    assert left(found) == {"not_yet_credited": ["late"]}


async def test_every_window_is_shown_when_asked_for(db: Database) -> None:
    await drained(
        db,
        touch("old", visitor="laptop", hours=30, gclid="g"),
        touch("new", visitor="laptop", hours=2, gclid="g"),
        order(),
    )
    (found,) = await explain(ORDER, db=db, everywhere=True)
    old, new = found.touches
    assert set(old.everywhere) == set(STANDARD_MODELS)
    assert "1d" not in old.everywhere["linear"]
    assert (new.everywhere["linear"]["1d"], new.everywhere["linear"]["ltv"]) == (
        Decimal(1), Decimal("0.5"),
    )  # fmt: skip
    assert "Credit by window, linear" in shown(found, all_windows=True)
    assert "Credit by window" not in shown(found)


async def test_the_text_and_the_json_say_the_same(db: Database) -> None:
    await drained(db, touch("ad", visitor="laptop", hours=3, gclid="g"), order())
    found = await explain(ORDER, db=db)
    text = shown(*found)
    for word in (
        ORDER,
        "worth 100.00 USD",
        "visitor:laptop",
        "paid_search",
        "3.0 h",
        "1.000000000",
    ):
        assert word in text
    (plain,) = as_json(found)
    assert Decimal(plain["touches"][0]["credit"]) == 1
    assert plain["order"]["order_id"] == ORDER
