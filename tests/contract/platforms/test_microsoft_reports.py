"""What is read of a simulated account of Microsoft Advertising: reports of campaigns and ads."""

from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from deploy.simulators.microsoft_ads import MicrosoftAdsRules
from processors.engine.clock import wall_clock
from processors.platforms.microsoft_ads.reports import unzipped
from processors.platforms.microsoft_ads.settings import MicrosoftAdsSettings
from processors.platforms.microsoft_ads.spend import MicrosoftSpend, figure
from processors.platforms.reading import ReadingSettings, Unreadable
from processors.platforms.reports import table
from processors.platforms.spending import Figure, Level, Unusable
from tests.contract.platforms.conftest import account
from tests.contract.platforms.simulated import Simulated, simulated

READING = ReadingSettings(
    first_pause_seconds=0.01, tries=2, timeout_seconds=5, report_poll_seconds=0.01,
    report_wait_seconds=0.05,
)  # fmt: skip
ACCOUNT = "180012345"
SEPTEMBER: Any = {"since": date(2026, 9, 1), "until": date(2026, 9, 30)}
ROW = {
    "TimePeriod": "2026-09-01", "CampaignId": "1", "CampaignName": "shoes, spring",
    "CampaignType": "Search & content", "Impressions": "1,090", "Clicks": "3", "Spend": "1,012.30",
    "ConversionsQualified": "1.50", "Revenue": "40.10",
}  # fmt: skip


@pytest.fixture
async def vendor() -> AsyncIterator[Simulated]:
    async with simulated(MicrosoftAdsRules) as found:
        yield found


@pytest.fixture
async def reader(vendor: Simulated) -> AsyncIterator[MicrosoftSpend]:
    settings = MicrosoftAdsSettings(
        base_url=vendor.url,
        token_url=f"{vendor.url}/oauth/token",
    )
    made = MicrosoftSpend(settings, READING, clock=wall_clock)
    yield made
    await made.close()


async def read(reader: MicrosoftSpend, level: Level = "campaign") -> list[Figure]:
    own = account("microsoft_ads")
    pages = [page async for page in reader.figures(own, **SEPTEMBER, level=level)]
    return [one for page in pages for one in page]


async def test_a_report_is_waited_for_and_restated_and_without_data_there_is_none(
    vendor: Simulated, reader: MicrosoftSpend
) -> None:
    assert await read(reader) == []
    told = {"account": ACCOUNT, "currency": "GBP", "polls": 2, "campaign": [ROW]}
    await vendor.tell("rows", {"report": told})
    expected = Figure(
        date=date(2026, 9, 1), currency="GBP", amount=Decimal("1012.30"), campaign_id="1",
        campaign="shoes, spring", campaign_type="Search & content", impressions=1090, clicks=3,
        conversions=Decimal("1.50"), conversion_value=Decimal("40.10"),
    )  # fmt: skip
    assert await read(reader) == [expected]
    restated = {**ROW, "CampaignName": "autumn", "Spend": "0.00", "ConversionsQualified": "--"}
    await vendor.tell("rows", {"report": {"account": ACCOUNT, "campaign": [restated]}})
    (one,) = await read(reader)
    assert (one.campaign, one.amount, one.conversions) == ("autumn", Decimal("0.00"), None)


async def test_ads_are_read_with_their_groups(vendor: Simulated, reader: MicrosoftSpend) -> None:
    ad = {**ROW, "AdGroupId": "7", "AdGroupName": "red", "AdId": "70", "AdTitle": "Run"}
    await vendor.tell("rows", {"report": {"account": ACCOUNT, "ad": [ad]}})
    (one,) = await read(reader, "ad")
    assert (one.level, one.ad_group_id, one.ad_group, one.ad_id) == ("ad", "7", "red", "70")
    assert (one.ad, one.campaign_id, one.currency) == ("Run", "1", "USD")


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"polls": 1000}, "the report took over 0 s"),
        ({"fails": True}, "the report failed"),
        (
            {"cut_off": True},
            r"gave up after 2 tries \(the report is no zip of a text, or is cut off\)",
        ),
    ],
)
async def test_a_report_that_is_late_or_fails_or_is_cut_off_ends_the_reading(
    vendor: Simulated, reader: MicrosoftSpend, told: dict[str, Any], why: str
) -> None:
    await vendor.tell("rows", {"report": {"account": ACCOUNT, "campaign": [ROW], **told}})
    with pytest.raises(Unreadable, match=why):
        await read(reader)


async def test_an_ended_token_is_replaced_between_two_looks_at_a_report(
    vendor: Simulated, reader: MicrosoftSpend
) -> None:
    await vendor.tell("rows", {"report": {"account": ACCOUNT, "campaign": [ROW]}})
    assert len(await read(reader)) == 1
    await vendor.tell("rows", {"expired": True})
    assert len(await read(reader)) == 1
    assert (await vendor.stats())["tokens_sold"] == 2


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"Spend": "--"}, "Spend"), ({"Spend": "-1.00"}, "Spend"), ({"Clicks": "1.5"}, "Clicks"),
        ({"TimePeriod": "9/1/2026"}, "TimePeriod"), ({"CurrencyCode": ""}, "CurrencyCode"),
        ({"CampaignId": "--"}, "CampaignId"),
    ],
)  # fmt: skip
def test_a_row_of_another_form_is_named_by_its_column(changes: dict[str, str], field: str) -> None:
    with pytest.raises(Unusable, match=field):
        figure({**ROW, "CurrencyCode": "EUR", **changes}, "campaign", **SEPTEMBER)


def test_a_file_of_another_form_is_no_report() -> None:
    with pytest.raises(ValueError, match="no zip"):
        unzipped(b"<html>")
    with pytest.raises(Unreadable, match="no column Spend"):
        table("TimePeriod,Cost\r\n", ["TimePeriod", "Spend"])
    with pytest.raises(Unreadable, match="has not its columns"):
        table("TimePeriod,Spend\r\n2026-09-01\r\n", ["TimePeriod", "Spend"])
