"""What a vendor does not tell at once is told by a report of it, which a restart waits for and does
not ask for again."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import pytest

from deploy.simulators.meta import MetaRules
from deploy.simulators.microsoft_ads import MicrosoftAdsRules
from deploy.simulators.mntn import MntnRules
from deploy.simulators.pinterest import PinterestRules
from processors.engine.clock import wall_clock
from processors.platforms.base import Account
from processors.platforms.meta.spend import MetaSpend
from processors.platforms.microsoft_ads.spend import MicrosoftSpend
from processors.platforms.mntn.spend import MntnSpend
from processors.platforms.pinterest.spend import PinterestSpend
from processors.platforms.reading import ReadingSettings, Unreadable
from processors.platforms.spend_registry import Reads
from processors.platforms.spending import Figure, Level
from tests.contract.platforms.simulated import Simulated, simulated

TODAY: Final = datetime.now(UTC).date()
OAUTH: Final = {"refresh_token": "right", "client_id": "app", "client_secret": "secret-1"}


@dataclass
class Case:
    """A vendor, an account, and how its simulator is told of rows and of how reports go."""

    rules: Any
    reader: type[Reads]
    account: Account
    rows: Callable[[list[dict[str, Any]]], dict[str, Any]]
    go: Callable[[dict[str, Any]], dict[str, Any]]
    count: str | None
    since: date
    settings: dict[str, str] = field(default_factory=dict)


def _meta(rows: list[dict[str, Any]]) -> dict[str, Any]:
    told = [
        {
            "date": row["date"], "campaign_id": row["campaign_id"], "campaign_name": "c",
            "spend": row["spend"],
            **({"ad_name": "a", "adset_id": "g", "adset_name": "g"} if "ad_id" in row else {}),
            **({"ad_id": row["ad_id"]} if "ad_id" in row else {}),
        }
        for row in rows
    ]  # fmt: skip
    return {"account": "1", "token": "right", "rows": told, "most_rows": 3}


def _book(token: str) -> Callable[[list[dict[str, Any]]], dict[str, Any]]:
    return lambda rows: {"spend": {"account": "1", "token": token, "rows": rows}}


def _microsoft(rows: list[dict[str, Any]]) -> dict[str, Any]:
    told = [
        {"TimePeriod": row["date"], "CampaignId": row["campaign_id"], "Spend": row["spend"]}
        | ({"AdId": row["ad_id"], "AdGroupId": "g"} if "ad_id" in row else {})
        for row in rows
    ]
    campaigns = [row for row in told if "AdId" not in row]
    ads = [row for row in told if "AdId" in row]
    return {"report": {"account": "1", "campaign": campaigns, "ad": ads}}


CASES: Final = {
    "meta": Case(
        MetaRules, MetaSpend, Account("acme", "", {"access_token": "right", "ad_account_id": "1"}),
        _meta, lambda how: {"account": "1", **how}, "jobs_of_insights", TODAY - timedelta(days=20),
        {"PAGE_SIZE": "2"},
    ),
    "microsoft_ads": Case(
        MicrosoftAdsRules, MicrosoftSpend,
        Account("acme", "1", {**OAUTH, "developer_token": "d", "customer_id": "7"}),
        _microsoft, lambda how: {"report": {"account": "1", **how}}, None,
        TODAY - timedelta(days=20),
    ),
    "mntn": Case(
        MntnRules, MntnSpend, Account("acme", "1", {"api_key": "right"}), _book("right"),
        lambda how: {"most_days": 2, **how}, "exports", TODAY - timedelta(days=20),
        {"PAGE_SIZE": "2"},
    ),
    "pinterest": Case(
        PinterestRules, PinterestSpend, Account("acme", "1", OAUTH), _book("right"),
        lambda how: {"reports": how}, "reports", TODAY - timedelta(days=120),
    ),
}  # fmt: skip


class Book:
    """Of an account, in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    async def promised(self, question: str) -> str | None:
        return self.kept.get(question)

    async def note(self, question: str, report: str) -> None:
        self.kept[question] = report

    async def forget(self, question: str) -> None:
        self.kept.pop(question, None)


@dataclass
class Desk:
    """The vendor of a case, and a book that outlives readers."""

    case: Case
    vendor: Simulated
    book: Book = field(default_factory=Book)

    async def read(self, level: Level = "campaign", *, patience: float = 2.0) -> list[Figure]:
        """By a reader of its own, as after a restart."""
        reading = ReadingSettings(
            first_pause_seconds=0.001, tries=2, timeout_seconds=5, report_poll_seconds=0.01,
            report_wait_seconds=patience,
        )  # fmt: skip
        reader = self.case.reader.load(reading, wall_clock)
        account = replace(self.case.account, reports=self.book)
        until = self.case.since + timedelta(days=9)
        try:
            pages = reader.figures(account, since=self.case.since, until=until, level=level)
            return [figure async for page in pages for figure in page]
        finally:
            await reader.close()

    async def asked(self) -> int | None:
        """How many reports; None where the vendor does not count them."""
        count = self.case.count
        return None if count is None else int((await self.vendor.stats())[count])


@asynccontextmanager
async def opened(name: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    """A desk, for a block; its vendor has a figure for each of ten days, and two ads."""
    case = CASES[name]
    async with simulated(case.rules) as vendor:
        for setting, value in {
            "BASE_URL": vendor.url, "TOKEN_URL": f"{vendor.url}/oauth/token", **case.settings,
        }.items():  # fmt: skip
            monkeypatch.setenv(f"ATTRIBUTARY_{name.upper()}_{setting}", value)
        rows: list[dict[str, Any]] = [
            {"date": str(case.since + timedelta(days=day)), "campaign_id": "5", "spend": f"{day}.5"}
            for day in range(10)
        ]
        ads = [{**row, "ad_id": "50", "ad_group_id": "g"} for row in rows[:4]]
        await vendor.tell("rows", case.rows([*rows, *ads]))
        await vendor.tell("rows", case.go({}))
        yield Desk(case, vendor)


@pytest.mark.parametrize("name", CASES)
async def test_what_is_not_told_at_once_is_told_by_a_report_that_a_restart_waits_for(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(name, monkeypatch) as desk:
        found = {figure.date: figure for figure in await desk.read()}
        days = [desk.case.since + timedelta(days=day) for day in range(10)]
        assert sorted(found) == days
        assert [found[day].amount for day in days] == [Decimal(f"{n}.5") for n in range(10)]
        ads = {figure.date: figure for figure in await desk.read("ad")}
        assert [(ads[day].ad_id, ads[day].campaign_id) for day in days[:4]] == [("50", "5")] * 4
        assert await desk.asked() in (None, 2)
        assert desk.book.kept == {}

        await desk.vendor.tell("rows", desk.case.go({"polls": 6}))
        with pytest.raises(Unreadable, match="the report took over") as late:
            await desk.read(patience=0.02)
        assert late.value.may_pass
        (promised,) = desk.book.kept.values()
        again = {figure.date: figure for figure in await desk.read()}
        assert again == found
        assert await desk.asked() in (None, 3), promised
        assert desk.book.kept == {}


@pytest.mark.parametrize("name", CASES)
async def test_a_report_that_fails_ends_the_reading_and_one_that_is_gone_is_asked_for_again(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(name, monkeypatch) as desk:
        await desk.vendor.tell("rows", desk.case.go({"fails": True}))
        with pytest.raises(Unreadable, match=r"(report|export) (failed|ended as)") as failed:
            await desk.read()
        assert "secret" not in str(failed.value)
        assert desk.book.kept == {}
        await desk.vendor.tell("rows", desk.case.go({"fails": False, "polls": 1000}))
        with pytest.raises(Unreadable):
            await desk.read(patience=0.02)
        (question,) = desk.book.kept
        desk.book.kept[question] = "999"
        await desk.vendor.tell("rows", desk.case.go({"polls": 0}))
        assert len(await desk.read()) >= 10
        assert desk.book.kept == {}
