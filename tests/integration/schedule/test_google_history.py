"""Changes of a Google Ads account become events and rows, each once, and Google's advice stands as
late as Google was asked."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, cast

import asyncpg
import pytest

from deploy.simulators.google_ads import GoogleAdsRules
from processors.engine.clock import wall_clock
from processors.engine.kafka import Producer
from processors.engine.memory import MemoryBroker
from processors.engine.postgres import Database
from processors.engine.vault import Vault, new_key
from processors.platforms.connecting import store
from processors.platforms.connecting.store import Stored
from processors.platforms.reading import ReadingSettings
from processors.schedule.assets import read_assets
from processors.schedule.google_history import poll_changes, read_recommendations
from processors.schedule.settings import ScheduleSettings
from processors.schedule.tools import Failed, Tools
from tests.contract.platforms.simulated import Simulated, simulated
from tests.contract.platforms.test_google_history import change
from tests.contract.platforms.test_google_search import CUSTOMER

LATER = "1234567891"


@dataclass
class Field:
    """A tenant with a customer, one that took its grant back, and one that is switched off."""

    google: Simulated
    tools: Tools
    broker: MemoryBroker
    owner: "asyncpg.Connection[asyncpg.Record]"

    def told(self) -> list[dict[str, Any]]:
        """What was published."""
        return [json.loads(m.value or b"") for m in self.broker.read("ad_changes.v1")]


@pytest.fixture
async def field(database: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Field]:
    vault, broker = Vault(new_key()), MemoryBroker(wall_clock)
    owner = await asyncpg.connect(database)
    db = await Database.connect(
        database, role="attributary_scheduler", application_name="test", max_size=4
    )
    operator = await Database.connect(database, application_name="test", max_size=1)
    async with simulated(GoogleAdsRules) as google:
        monkeypatch.setenv("ATTRIBUTARY_GOOGLE_ADS_BASE_URL", google.url)
        monkeypatch.setenv("ATTRIBUTARY_GOOGLE_ADS_TOKEN_URL", f"{google.url}/oauth/token")
        unused: Any = None
        tools = Tools(
            db=db, producer=cast(Producer, broker), cluster=unused, vault=vault,
            settings=ScheduleSettings(), clock=wall_clock,
            reading=ReadingSettings(first_pause_seconds=0.01, tries=2),
        )  # fmt: skip
        async with operator.transaction() as conn:
            for tenant, customer, enabled in (
                ("demo", CUSTOMER, True), ("gone", LATER, True), ("off", CUSTOMER, False),
            ):  # fmt: skip
                grant = {"refresh_token": tenant, "client_id": "c", "client_secret": "s"}
                await conn.execute("INSERT INTO tenants (tenant_id) VALUES ($1)", tenant)
                told = Stored(customer, enabled, grant)
                await store.give(conn, vault, tenant, "google_ads", told)
        await google.tell("rows", {"revoked": ["gone"]})
        yield Field(google, tools, broker, owner)
    await operator.close()
    await db.close()
    await owner.close()


async def test_a_change_is_published_and_stored_once_and_a_refused_tenant_harms_no_other(
    field: Field,
) -> None:
    rows = [change(0, second=0), change(1, second=1)]
    await field.google.tell("rows", {"search": {"customer": CUSTOMER, "change_event": rows}})
    for new in (2, 0):
        detail = await poll_changes(field.tools, None)
        assert detail["read"] == {"demo": new}
        assert "refused" in detail["failed"]["gone"]
    trouble = {"account": "demo", "status": 500, "count": 2}
    await field.google.tell("script", {"steps": [trouble]})
    with pytest.raises(Failed) as failed:
        await poll_changes(field.tools, "demo")
    assert failed.value.detail["failed"].keys() == {"demo"}
    more = {"customer": CUSTOMER, "change_event": [change(2, second=2)]}
    await field.google.tell("rows", {"search": more})
    assert await poll_changes(field.tools, "demo") == {"read": {"demo": 1}, "failed": {}}
    assert [told["change_id"].split("~")[1] for told in field.told()] == ["0", "1", "2"]
    assert "example.com" not in str(field.told())
    found = await field.owner.fetch("SELECT * FROM google_ads_changes ORDER BY changed_at")
    assert [row["change_id"] for row in found] == [told["change_id"] for told in field.told()]
    assert (found[0]["campaign_id"], found[0]["changed_fields"]) == ("7", ["status", "name"])
    assert json.loads(found[0]["new_values"]) == {"status": "ENABLED"}


async def test_advice_that_google_gives_no_more_ends_and_what_comes_back_stands_again(
    field: Field,
) -> None:
    def advice(name: str) -> dict[str, Any]:
        return {
            "recommendation.resource_name": f"customers/1/recommendations/{name}",
            "recommendation.type": "KEYWORD",
            "recommendation.impact": {"potentialMetrics": {"costMicros": "2500000"}},
        }

    await field.google.tell(
        "rows", {"search": {"customer": CUSTOMER, "recommendation": [advice("a"), advice("b")]}}
    )
    query = "SELECT recommendation_id, gone_at IS NULL AS stands FROM google_ads_recommendations"
    for gone, standing in ((["a"], {"b"}), ([], {"a", "b"})):
        told = {"customer": CUSTOMER, "gone": {"recommendation": gone}}
        await read_recommendations(field.tools, "demo")
        await field.google.tell("rows", {"search": told})
        await read_recommendations(field.tools, "demo")
        rows = await field.owner.fetch(query)
        assert {row["recommendation_id"] for row in rows if row["stands"]} == standing
    potential = await field.owner.fetchval("SELECT potential FROM google_ads_recommendations")
    assert json.loads(potential) == {"cost": 2.5}


async def test_what_ads_show_stands_as_it_was_last_told_and_a_refused_tenant_fails_no_run(
    field: Field,
) -> None:
    def ad(number: str, headline: str) -> dict[str, Any]:
        return {
            "segments.date": "2026-09-01", "ad_group_ad.ad.id": number,
            "ad_group_ad.ad.type": "RESPONSIVE_SEARCH_AD", "ad_group_ad.status": "ENABLED",
            "ad_group_ad.ad.responsive_search_ad.headlines": [{"text": headline}],
        }  # fmt: skip

    for headline in ("Hats", "Caps"):
        rows = [ad("1", headline), ad("2", "Other")] if headline == "Hats" else [ad("1", headline)]
        gone = {"gone": {"ad_group_ad": [] if headline == "Hats" else ["2"]}}
        told = {"customer": CUSTOMER, "ad_group_ad": rows, **gone}
        await field.google.tell("rows", {"search": told})
        detail = await read_assets(field.tools, None)
        assert detail["read"] == {"google": {"demo": len(rows)}}
        assert "refused" in detail["failed"]["google"]["gone"]
    found = await field.owner.fetch(
        "SELECT tenant_id, ad_id, type, title, last_seen_at > first_seen_at AS again"
        " FROM creative_assets ORDER BY ad_id"
    )
    assert [tuple(row) for row in found] == [
        ("demo", "1", "dynamic", "Caps", True), ("demo", "2", "dynamic", "Other", False),
    ]  # fmt: skip
    trouble = {"account": "demo", "status": 500, "count": 2}
    await field.google.tell("script", {"steps": [trouble]})
    with pytest.raises(Failed):
        await read_assets(field.tools, "demo")
