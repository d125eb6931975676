"""What is read of a simulated Google Ads customer: its change history, and recommendations."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from deploy.simulators.google_ads import GoogleAdsRules
from processors.domain.hashing import email_hash
from processors.engine.clock import wall_clock
from processors.platforms.google_ads import changes
from processors.platforms.google_ads.changes import Change, ChangeHistory
from processors.platforms.google_ads.recommendations import Recommendation, Recommendations
from processors.platforms.reading import Unreadable
from processors.platforms.spending import Unusable
from tests.contract.platforms.conftest import account
from tests.contract.platforms.simulated import Simulated, simulated
from tests.contract.platforms.test_google_search import CUSTOMER, READING, settings

TODAY = datetime.now(UTC).date()


@pytest.fixture
async def customer() -> AsyncIterator[Simulated]:
    async with simulated(GoogleAdsRules) as found:
        yield found


def change(number: int, *, second: int, **fields: Any) -> dict[str, Any]:
    moment = datetime(TODAY.year, TODAY.month, TODAY.day, tzinfo=UTC) + timedelta(seconds=second)
    told = {
        "resource_name": f"customers/1/changeEvents/{int(moment.timestamp())}000000~{number}~0",
        "change_date_time": moment.strftime("%Y-%m-%d %H:%M:%S.%f"),
        "change_resource_type": "CAMPAIGN", "change_resource_name": "customers/1/campaigns/7",
        "user_email": "Ada@example.com", "client_type": "GOOGLE_ADS_WEB_CLIENT",
        "resource_change_operation": "UPDATE", "changed_fields": "status,name",
        "campaign": "customers/1/campaigns/7",
        "old_resource": {"campaign": {"status": "PAUSED"}},
        "new_resource": {"campaign": {"status": "ENABLED"}}, **fields,
    }  # fmt: skip
    return {f"change_event.{name}": value for name, value in told.items()}


async def read(at: Simulated) -> list[Change]:
    history = ChangeHistory(settings(at.url), READING, clock=wall_clock)
    try:
        pages = [p async for p in history.changes(account("google_ads"), since=TODAY, until=TODAY)]
    finally:
        await history.close()
    return [one for page in pages for one in page]


async def test_a_change_is_read_with_its_fields_and_without_the_email_of_who_did_it(
    customer: Simulated,
) -> None:
    rows = [change(1, second=60), change(0, second=0)]
    await customer.tell("rows", {"search": {"customer": CUSTOMER, "change_event": rows}})
    first, second = await read(customer)
    assert first.changed_at + 60_000 == second.changed_at
    assert first.change_id == f"{first.changed_at}000~0~0"
    assert second == Change(
        change_id=f"{second.changed_at}000~1~0", changed_at=second.changed_at,
        resource_type="CAMPAIGN", resource_name="customers/1/campaigns/7", operation="UPDATE",
        client_type="GOOGLE_ADS_WEB_CLIENT", changed_by_sha256=email_hash("ada@example.com"),
        campaign_id="7", ad_group_id=None, changed_fields=("status", "name"),
        old={"status": "PAUSED"}, new={"status": "ENABLED"},
    )  # fmt: skip


async def test_a_full_answer_is_read_on_from_its_last_change_and_each_is_told_once(
    customer: Simulated, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "_LIMIT", 4)
    rows = [change(n, second=n // 2) for n in range(9)]
    await customer.tell("rows", {"search": {"customer": CUSTOMER, "change_event": rows}})
    found = [one.change_id.split("~")[1] for one in await read(customer)]
    assert found == [str(n) for n in range(9)]
    flood = [change(n, second=9) for n in range(10, 20)]
    await customer.tell("rows", {"search": {"customer": CUSTOMER, "change_event": flood}})
    with pytest.raises(Unreadable, match="at one moment"):
        await read(customer)


def test_a_change_without_an_id_or_a_resource_is_named_by_its_field() -> None:
    for row, field in (
        ({"resourceName": "customers/1/changeEvents/x~0~0"}, "resource_name tells no time"),
        ({"resourceName": "customers/1/changeEvents/1~0~0"}, "change_resource_type is missing"),
    ):
        with pytest.raises(Unusable, match=field):
            changes.change({"changeEvent": row})


async def test_recommendations_are_read_with_what_a_week_would_be(customer: Simulated) -> None:
    impact = {
        "baseMetrics": {"impressions": 10.5, "costMicros": "1500000"},
        "potentialMetrics": {"impressions": 20, "costMicros": "2500000", "conversions": 1.25},
    }
    rows = [
        {"recommendation.resource_name": "customers/1/recommendations/Ab-1",
         "recommendation.type": "CAMPAIGN_BUDGET", "recommendation.impact": impact,
         "recommendation.campaign": "customers/1/campaigns/7", "recommendation.dismissed": True},
        {"recommendation.resource_name": "customers/1/recommendations/Cd-2",
         "recommendation.type": "SITELINK_ASSET"},
    ]  # fmt: skip
    await customer.tell("rows", {"search": {"customer": CUSTOMER, "recommendation": rows}})
    reader = Recommendations(settings(customer.url), READING, clock=wall_clock)
    try:
        budget, links = await reader.of(account("google_ads"))
    finally:
        await reader.close()
    assert budget == Recommendation(
        recommendation_id="Ab-1", kind="CAMPAIGN_BUDGET", campaign_id="7", dismissed=True,
        base={"impressions": Decimal("10.5"), "cost": Decimal("1.5")},
        potential={"impressions": Decimal(20), "cost": Decimal("2.5"),
                   "conversions": Decimal("1.25")},
    )  # fmt: skip
    assert (links.kind, links.campaign_id, links.base) == ("SITELINK_ASSET", None, {})
