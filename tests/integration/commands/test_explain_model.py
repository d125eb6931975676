"""`explain` of data_driven: what each channel added, or why a simpler model stands in."""

import math
from collections.abc import AsyncIterator

import pytest

from processors.commands.explain import as_json, explain
from processors.domain.attribution import model_document
from processors.engine.postgres import Database
from schemas.command import PromoteModel
from tests.integration.commands.test_explain import ORDER, command, drained, order, shown, touch


@pytest.fixture
async def db(database: str) -> AsyncIterator[Database]:
    found = await Database.connect(database, application_name="test", max_size=4)
    yield found
    await found.close()


async def test_data_driven_says_what_each_channel_added_or_why_it_is_linear(db: Database) -> None:
    journey = (
        touch("ad-1", visitor="laptop", hours=200, fbclid="x"),
        touch("ad-2", visitor="laptop", hours=30, fbclid="x"),
        touch("mail", visitor="laptop", hours=2, utm_medium="email", utm_source="klaviyo"),
        order(),
    )
    await drained(db, *journey)
    (before,) = await explain(ORDER, db=db, model="data_driven", window="30d")
    assert before.trained is not None
    assert (before.is_fallback, before.trained.version) == (True, "untrained")
    assert "has not been trained yet" in shown(before)
    document = model_document.document(
        recency_days=(7,), saturation=2, intercept=-3_000_000,
        effects={"paid_social": (1_000_000, 250_000), "email": (500_000, 0)},
    )  # fmt: skip
    await drained(db, *journey, command(PromoteModel(document=document)))
    (found,) = await explain(ORDER, db=db, model="data_driven", window="30d")
    told = found.trained
    assert told is not None
    assert (found.is_fallback, told.version) == (False, model_document.version(document))
    whole = told.probability
    assert whole is not None
    assert whole == pytest.approx(1 / (1 + math.exp(1.25)))
    by_channel = {own.channel: own for own in told.channels}
    social, mail = by_channel["paid_social"], by_channel["email"]
    assert (social.touches, social.effect, mail.effect) == (2, 1.25, 0.5)
    # The shares are those of the table, in the proportion of what each channel's absence takes.
    lost = [whole - own.without for own in (social, mail)]
    assert float(social.share) == pytest.approx(lost[0] / sum(lost), abs=1e-8)
    assert social.share + mail.share == 1
    text = shown(found)
    assert f"Model {told.version}" in text
    assert f"{social.without:.4%}" in text
    (linear,) = await explain(ORDER, db=db, model="linear", window="30d")
    assert linear.trained is None
    assert as_json([found])[0]["trained"]["channels"][0]["channel"] == "paid_social"


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ((None, "insufficient_conversions: 3 of 300", None), "insufficient_conversions"),
        (("abc", None, "manual"), "abc waits for an operator"),
        (("abc", None, "promoted"), "no promoted model reaches this order"),
    ],
)
async def test_a_fallback_says_what_the_latest_training_came_to(
    db: Database, row: tuple[str | None, ...], words: str
) -> None:
    await drained(db, touch("ad", visitor="laptop", hours=2, gclid="g"), order())
    async with db.connection() as conn:
        await conn.execute(
            "INSERT INTO attribution_trainings (tenant_id, trained_at, state, version, reason,"
            " promotion) VALUES ('acme', now(), 'trained', $1, $2, $3)",
            *row,
        )
    (found,) = await explain(ORDER, db=db, model="data_driven", window="30d")
    assert words in shown(found)
