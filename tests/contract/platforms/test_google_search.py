"""What is read of a simulated Google Ads customer: spend of campaigns and ads."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from deploy.simulators.google_ads import GoogleAdsRules
from processors.engine.clock import wall_clock
from processors.platforms.google_ads.settings import GoogleAdsSettings
from processors.platforms.google_ads.spend import GoogleSpend
from processors.platforms.reading import ReadingSettings, Unreadable
from processors.platforms.spending import Figure, Level
from tests.contract.platforms.conftest import account
from tests.contract.platforms.simulated import Simulated, simulated
from tests.contract.platforms.test_google_ads_simulator import google

READING = ReadingSettings(first_pause_seconds=0.01, tries=3, timeout_seconds=5)
CUSTOMER = "1234567890"
SEPTEMBER: Any = {"since": date(2026, 9, 1), "until": date(2026, 9, 30)}


def campaign(day: int, number: str = "1", **changes: Any) -> dict[str, Any]:
    return {
        "segments.date": f"2026-09-{day:02}", "campaign.id": number, "campaign.name": "spring",
        "campaign.advertising_channel_type": "SEARCH", "metrics.cost_micros": 12_345_678,
        "metrics.impressions": 90, "metrics.clicks": 3, "metrics.conversions": 1.5,
        "metrics.conversions_value": 40.1, **changes,
    }  # fmt: skip


@pytest.fixture
async def customer() -> AsyncIterator[Simulated]:
    async with simulated(GoogleAdsRules) as found:
        yield found


@pytest.fixture
async def reader(customer: Simulated) -> AsyncIterator[GoogleSpend]:
    made = GoogleSpend(settings(customer.url), READING, clock=wall_clock)
    yield made
    await made.close()


def settings(url: str) -> GoogleAdsSettings:
    return GoogleAdsSettings(base_url=url, token_url=f"{url}/oauth/token")


async def read(reader: GoogleSpend, level: Level = "campaign") -> list[list[Figure]]:
    own = account("google_ads")
    return [page async for page in reader.figures(own, **SEPTEMBER, level=level)]


async def test_campaigns_are_read_page_by_page_in_the_accounts_currency_and_restated(
    customer: Simulated, reader: GoogleSpend
) -> None:
    rows = [campaign(1), campaign(1, "2"), campaign(2), campaign(31 - 1), campaign(3)]
    told = {"customer": CUSTOMER, "currency": "JPY", "campaign": rows, "page_rows": 2}
    await customer.tell("rows", {"search": told})
    pages = await read(reader)
    assert [len(page) for page in pages] == [2, 2, 1]
    assert pages[0][0] == Figure(
        date=date(2026, 9, 1), currency="JPY", amount=Decimal("12.345678"), campaign_id="1",
        campaign="spring", campaign_type="SEARCH", impressions=90, clicks=3,
        conversions=Decimal("1.5"), conversion_value=Decimal("40.1"),
    )  # fmt: skip
    nothing = {name: 0 for name in campaign(1) if name.startswith("metrics.")}
    restated = [campaign(2, **{"campaign.name": "autumn"}), {**campaign(3), **nothing}]
    await customer.tell("rows", {"search": {"customer": CUSTOMER, "campaign": restated}})
    found = {(one.date.day, one.campaign_id): one for page in await read(reader) for one in page}
    assert found[2, "1"].campaign == "autumn"
    assert (3, "1") not in found


async def test_ads_are_read_with_their_groups_and_conversions_in_fractions(
    customer: Simulated, reader: GoogleSpend
) -> None:
    named = {"ad_group.id": "7", "ad_group.name": "shoes", "ad_group_ad.ad.id": "70"}
    ad = {**campaign(4), **named, "metrics.conversions": 0.123456789}
    await customer.tell("rows", {"search": {"customer": CUSTOMER, "ad_group_ad": [ad]}})
    ((one,),) = await read(reader, "ad")
    assert (one.level, one.campaign_id, one.ad_group_id, one.ad_group) == ("ad", "1", "7", "shoes")
    assert (one.ad_id, one.ad, one.currency) == ("70", None, "USD")
    assert one.conversions == Decimal("0.123456789")


async def test_a_short_quota_a_cut_connection_and_an_ended_token_cost_time_alone(
    customer: Simulated, reader: GoogleSpend
) -> None:
    await customer.tell("rows", {"search": {"customer": CUSTOMER, "campaign": [campaign(1)]}})
    first = await read(reader)
    body = {"error": {"code": 429, "status": "RESOURCE_EXHAUSTED", "details": []}}
    steps: list[dict[str, Any]] = [{"status": 429, "body": body}, {"drop": "after"}]
    await customer.tell("script", {"steps": [{"account": "secret-1", **step} for step in steps]})
    await customer.tell("rows", {"expired": True})
    assert await read(reader) == first
    assert (await customer.stats())["script_left"] == 0


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("SELECT campaign.id FROM moon", "BAD_RESOURCE_TYPE_IN_FROM_CLAUSE"),
        ("SELECT campaign.moon FROM campaign", "UNRECOGNIZED_FIELD"),
        ("SELECT ad_group.id FROM campaign", "PROHIBITED_RESOURCE_TYPE_IN_SELECT_CLAUSE"),
        ("SELECT segments.date FROM campaign", "EXPECTED_FILTERS_ON_DATE_RANGE"),
        ("SELECT campaign.id FROM campaign WHERE segments.date = 'x'", "INVALID_DATE_FORMAT"),
        ("SELECT campaign.id FROM campaign WHERE segments.date = 2026", "UNEXPECTED_INPUT"),
        ("SELECT campaign.id FROM campaign WHERE campaign.id = '1'",
         "PROHIBITED_FIELD_IN_WHERE_CLAUSE"),
        ("SELECT campaign.id FROM campaign WHERE segments.date BETWEEN '2026-09-02' AND "
         "'2026-09-01'", "DATE_RANGE_TOO_NARROW"),
        ("SELECT change_event.user_email FROM change_event LIMIT 5", "CHANGE_DATE_RANGE_INFINITE"),
        ("SELECT change_event.user_email FROM change_event WHERE change_event.change_date_time "
         "BETWEEN '2020-01-01' AND '2020-01-02' LIMIT 5", "START_DATE_TOO_OLD"),
        ("SELECT change_event.user_email FROM change_event WHERE change_event.change_date_time "
         "BETWEEN '2999-01-01' AND '2999-01-02'", "LIMIT_NOT_SPECIFIED"),
        ("SELECT change_event.user_email FROM change_event WHERE change_event.change_date_time "
         "BETWEEN '2999-01-01' AND '2999-01-02' LIMIT 10001", "INVALID_LIMIT_CLAUSE"),
    ],
)  # fmt: skip
def test_a_query_that_google_refuses_is_refused_by_its_code(query: str, code: str) -> None:
    client = google()
    bearer = {"authorization": "Bearer access-secret-1"}
    path = f"/v26/customers/{CUSTOMER}/googleAds:search"
    answer = client.post(path, json={"query": query}, headers=bearer)
    assert answer.status_code == 400
    assert code in answer.text
    sized = client.post(path, json={"query": query, "pageSize": 5}, headers=bearer)
    assert "PAGE_SIZE_NOT_SUPPORTED" in sized.text


async def test_a_manager_stands_for_the_customers_below_it_which_are_asked_through_it(
    customer: Simulated, reader: GoogleSpend
) -> None:
    manager = account("google_ads")
    await customer.tell("rows", {"search": {"customer": CUSTOMER}})
    assert await reader.clients(manager) == [manager]
    below = [
        {"id": "1234567892", "manager": False, "status": "ENABLED"},
        {"id": "1234567893", "manager": True, "status": "ENABLED"},
        {"id": "1234567894", "manager": False, "status": "ENABLED", "level": 2},
        {"id": "1234567895", "manager": False, "status": "CANCELED"},
    ]
    told = {"customer": CUSTOMER, "clients": below, "page_rows": 2}
    await customer.tell("rows", {"search": told})
    rows = {"customer": "1234567892", "campaign": [campaign(1)]}
    await customer.tell("rows", {"search": rows})
    with pytest.raises(Unreadable, match="REQUESTED_METRICS_FOR_MANAGER"):
        await read(reader)
    first, second = await reader.clients(manager)
    assert (first.account_id, second.account_id) == ("1234567892", "1234567894")
    pages = reader.figures(first, **SEPTEMBER, level="campaign")
    assert [figure.campaign_id async for page in pages for figure in page] == ["1"]
    alone = replace(first, credentials=manager.credentials)
    with pytest.raises(Unreadable, match="USER_PERMISSION_DENIED"):
        async for _ in reader.figures(alone, **SEPTEMBER, level="campaign"):
            pass
