"""`explain` under a model of the tenant's own, on real tables."""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Final

import pytest

from processors.commands.explain import as_json, explain
from processors.engine.postgres import Database
from tests.integration.commands.test_explain import (
    ORDER,
    drained,
    order,
    setting,
    shown,
    touch,
)
from tests.support.pipeline import Pipeline

CUSTOM: Final = """{"transform": ["remove_direct", "exposure"], "exclude": ["affiliate"],
    "position": {"first": 60, "middle": 20, "last": 20},
    "channels": {"paid_search": 1.5}, "views": 0.5}"""


@pytest.fixture
async def db(database: str) -> AsyncIterator[Database]:
    found = await Database.connect(database, application_name="test", max_size=4)
    yield found
    await found.close()


async def test_a_tenants_own_model_says_of_each_touch_why_it_got_what_it_got(
    db: Database,
) -> None:
    await drained(
        db,
        setting("custom_model", CUSTOM),
        touch("direct", visitor="laptop", hours=60),
        touch("first", visitor="laptop", hours=50, gclid="g"),
        touch("again", visitor="laptop", hours=40, gclid="g"),
        touch("coupon", visitor="laptop", hours=30, ref="friend"),
        touch("seen", visitor="laptop", hours=20, view=True, utm_medium="email"),
        touch("last", visitor="laptop", hours=10, gclid="g"),
        order(),
    )
    (found,) = await explain(ORDER, db=db, model="custom")
    assert found.note == ""
    assert {t.event_id: t.why for t in found.touches} == {
        "direct": "left out by remove_direct: it is direct, and others are not",
        "first": "first: weight 60 x 1.5 (paid_search)",
        "again": "left out by exposure: a touch of the same channel just before it stands for it",
        "coupon": "left out: affiliate is excluded",
        "seen": "2 of 3: weight 20 x 0.5 (view)",
        "last": "last: weight 20 x 1.5 (paid_search)",
    }
    # 90 : 10 : 30
    assert {t.event_id: t.revenue for t in found.touches if t.revenue} == {
        "first": Decimal("69.23"), "seen": Decimal("7.69"), "last": Decimal("23.08"),
    }  # fmt: skip
    assert "paid_search: last: weight 20 x 1.5 (paid_search)" in shown(found)
    assert as_json([found])[0]["touches"][3]["why"] == "left out: affiliate is excluded"
    (short,) = await explain(ORDER, db=db, model="custom", window="1d")
    assert [t.why for t in short.touches if t.why] == [
        "first: weight 60 x 0.5 (view)", "last: weight 20 x 1.5 (paid_search)",
    ]  # fmt: skip


async def test_a_model_that_is_not_there_or_not_yet_in_force_is_told_as_such(
    db: Database,
) -> None:
    await drained(db, touch("ad", visitor="laptop", hours=3, gclid="g"), order())
    (found,) = await explain(ORDER, db=db, model="custom")
    assert found.note == "the tenant has no model of its own: tenant set TENANT custom_model=@FILE"
    assert "too old" not in shown(found)
    pipeline = Pipeline(db)
    await pipeline.feed([setting("custom_model", CUSTOM)])
    await pipeline.turn(pipeline.replica("identity"), 10)
    (found,) = await explain(ORDER, db=db, model="custom")
    assert "and the new one is on its way" in shown(found)
