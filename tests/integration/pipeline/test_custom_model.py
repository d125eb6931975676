"""A tenant's own credit model: set, it stands beside the seven; taken away, it is gone."""

from collections.abc import AsyncIterator, Iterable
from decimal import Decimal

import asyncpg
import pytest

from processors.domain.attribution import MODELS, STANDARD_MODELS
from processors.engine.postgres import Database
from schemas.command import Command, SetSetting
from schemas.pixel_event import PixelEvent, Survey
from schemas.spend import Spend
from tests.integration.pipeline.races import DOWNSTREAM, Records, drain, judge, order, touch
from tests.support.pipeline import NOW, Pipeline

CUSTOM = '{"transform": ["remove_direct"], "channels": {"paid_search": 3}, "views": 0.5}'
VIEWS = (
    "attribution_results",
    "attribution_channel_summary",
    "attribution_channel_summary_cash",
    "attribution_campaign_summary",
    "attribution_view_through",
    "attribution_survey",
    "attribution_survey_summary",
)


def bought(number: str, visitor: str) -> Records:
    (topic, record), *_ = order("t", visitor=visitor)
    own = {"order_id": number, "event_id": number, "content_hash": number}
    return [(topic, record.model_copy(update=own))]


def said(number: str) -> Records:
    record = PixelEvent(
        tenant_id="t", event_id=number, content_hash=f"said-{number}", source="survey",
        event_name="SurveyResponse", occurred_at=NOW, received_at=NOW, order_source="api",
        order_id=number, survey=Survey(provider="fairing", response_id=number, answer="Google"),
    )  # fmt: skip
    return [("pixel_events.v1", record)]


def spent() -> Records:
    record = Spend(
        tenant_id="t", source="upload", account_id="a", date="2026-01-01", platform="google",
        currency="USD", amount=500, reported_at=1, received_at=1,
    )  # fmt: skip
    return [("spend.v1", record)]


EMAIL = {"utm_source": "klaviyo", "utm_medium": "email"}
LOG: Records = [
    *touch("t", "ada", event="ad", hours=30),
    *touch("t", "ada", event="mail", hours=20, marketing=EMAIL, type="view"),
    *touch("t", "ada", event="typed", hours=2, marketing={}),
    *bought("1", "ada"),
    *bought("2", "nobody-seen-before"),
    *said("1"),
    *said("2"),
    *spent(),
]


@pytest.fixture
async def operator(database: str) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    conn = await asyncpg.connect(database)
    await conn.execute("INSERT INTO tenants VALUES ('t')")
    yield conn
    await conn.close()


@pytest.fixture
async def pipeline(database: str, operator: object) -> AsyncIterator[Pipeline]:
    db = await Database.connect(
        database, role="attributary_processor", application_name="custom", max_size=4
    )
    yield Pipeline(db)
    await db.close()


async def feed(pipeline: Pipeline, records: Records) -> None:
    await pipeline.feed(records)
    await drain(pipeline, "identity", *DOWNSTREAM)


def model(document: str, *, at: int, key: str = "custom_model") -> Records:
    command = Command(
        tenant_id="t", command_id=f"k{at}", issued_at=NOW + at, received_at=NOW,
        body=SetSetting(key=key, value=document),
    )  # fmt: skip
    return [("commands.v1", command)]


async def shown(conn: "asyncpg.Connection[asyncpg.Record]") -> dict[str, set[str]]:
    """The models that each view has."""
    return {
        view: {row[0] for row in await conn.fetch(f"SELECT DISTINCT model FROM {view}")}
        for view in VIEWS
    }


def everywhere(models: Iterable[str]) -> dict[str, set[str]]:
    return {view: set(models) for view in VIEWS}


async def test_it_comes_to_every_view_and_goes_again(
    pipeline: Pipeline, database: str, operator: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    log = list(LOG)
    await feed(pipeline, log)
    assert await shown(operator) == everywhere(STANDARD_MODELS)
    before = await _versions(operator)

    log += model(CUSTOM, at=1)
    await feed(pipeline, log[-1:])
    assert await judge(database, log) == []
    assert await shown(operator) == everywhere(MODELS)
    assert await _by_channel(operator) == {
        "paid_search": Decimal("0.857142857"), "email": Decimal("0.142857143"),
        "direct": 0, "unattributed": 1,
    }  # fmt: skip
    assert await _versions(operator) != before

    log += model('{"views": "none"}', at=5)  # which counts as none
    await feed(pipeline, log[-1:])
    assert await judge(database, log) == []
    assert "custom" not in (await shown(operator))["attribution_results"]

    log += model("", at=6)
    await feed(pipeline, log[-1:])
    assert await judge(database, log) == []
    assert await shown(operator) == everywhere(STANDARD_MODELS)
    assert await _versions(operator) == before
    widths = await operator.fetch(
        "SELECT DISTINCT cardinality(touchpoints), cardinality(conversions), cardinality(revenue)"
        " FROM summary_cells"
    )
    assert [tuple(row) for row in widths] == [(56, 56, 56)]


async def test_enabled_models_name_it_like_any_other(
    pipeline: Pipeline, database: str, operator: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    log = [*LOG, *model(CUSTOM, at=1)]
    await feed(pipeline, log)
    for at, names in enumerate(("linear,custom", "first_touch", ",".join(MODELS)), 2):
        log += model(names, at=at, key="enabled_models")
        await feed(pipeline, log[-1:])
        assert await judge(database, log) == []
        found = await shown(operator)
        for view in VIEWS[1:5]:
            assert found[view] == set(names.split(",")), view
        assert found["attribution_results"] == set(MODELS)
    log += model("", at=9)
    await feed(pipeline, log[-1:])
    assert await shown(operator) == everywhere(STANDARD_MODELS)


async def test_an_older_model_that_comes_late_changes_nothing(
    pipeline: Pipeline, database: str
) -> None:
    log = [*LOG, *model(CUSTOM, at=5), *model('{"views": 0}', at=1)]
    for record in log:
        await feed(pipeline, [record])
    assert await judge(database, log) == []


async def test_no_other_tenants_cells_grow(
    pipeline: Pipeline, database: str, operator: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    await operator.execute("INSERT INTO tenants VALUES ('u')")
    other = [(topic, record.model_copy(update={"tenant_id": "u"})) for topic, record in LOG]
    log = [*LOG, *other, *model(CUSTOM, at=1)]
    await feed(pipeline, log)
    assert await judge(database, log) == []
    rows = await operator.fetch(
        "SELECT tenant_id, max(cardinality(revenue)) FROM summary_cells GROUP BY 1 ORDER BY 1"
    )
    assert [tuple(row) for row in rows] == [("t", 64), ("u", 56)]
    assert not await operator.fetchval(
        "SELECT count(*) FROM attribution_channel_summary"
        " WHERE tenant_id = 'u' AND model = 'custom'"
    )


async def _by_channel(conn: "asyncpg.Connection[asyncpg.Record]") -> dict[str, Decimal]:
    """Conversions of the widest window."""
    rows = await conn.fetch(
        "SELECT channel, sum(conversions) AS conversions FROM attribution_channel_summary"
        " WHERE model = 'custom' AND attribution_window = 'ltv' GROUP BY channel"
    )
    return {row["channel"]: row["conversions"] for row in rows}


async def _versions(conn: "asyncpg.Connection[asyncpg.Record]") -> list[str]:
    rows = await conn.fetch("SELECT DISTINCT settings_version FROM attribution_settings")
    return [row[0] for row in rows]
