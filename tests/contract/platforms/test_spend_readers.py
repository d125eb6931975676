"""Every reader of spend gives the figures that its vendor tells, and no part of them for the whole.

The vendors are their simulators; what one tells, and how it refuses, is the `spend.json` of its
folder here. `{n}` there is a number of the test's own, since the simulators keep what they hear.
"""

import itertools
import json
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import httpx
import pytest
import uvicorn

from deploy.local.process import wait_until
from deploy.simulators.authority import EXCHANGE
from deploy.simulators.connection import Droppable
from deploy.simulators.ledger import Ledger
from deploy.simulators.ports import ByPort
from deploy.simulators.server import application
from processors.engine.clock import wall_clock
from processors.platforms.affiliate.spend import AffiliateSpend
from processors.platforms.base import Account
from processors.platforms.linkedin.spend import LinkedinSpend
from processors.platforms.mntn.spend import MntnSpend
from processors.platforms.pinterest.spend import PinterestSpend
from processors.platforms.reading import ReadingSettings, Unreadable
from processors.platforms.snapchat.spend import SnapchatSpend
from processors.platforms.spending import Figure, Level, SpendReader, Unusable
from processors.platforms.tiktok.spend import TiktokSpend

HERE: Final = Path(__file__).parent
READERS: Final = {
    reader.platform: reader
    for reader in (
        AffiliateSpend, LinkedinSpend, MntnSpend, PinterestSpend, SnapchatSpend, TiktokSpend,
    )
}  # fmt: skip
READING: Final = ReadingSettings(first_pause_seconds=0.001, tries=3, timeout_seconds=5)
DAYS: Final = 4
SINCE: Final = datetime.now(UTC).date() - timedelta(days=20)
UNTIL: Final = SINCE + timedelta(days=DAYS - 1)
OURS: Final = {
    "impressions": "impressions", "clicks": "clicks", "video_views": "video_views",
    "conversions": "purchases", "conversion_value": "value", "ad_group_id": "ad_group_id",
    "ad_group": "ad_group", "ad": "ad", "creative_id": "ad_id", "reach": "reach",
    "frequency": "frequency",
}  # fmt: skip
SIDES: Final = {
    "view_conversions": ("view", 0), "view_value": ("view", 1),
    "click_conversions": ("click", 0), "click_value": ("click", 1),
}  # fmt: skip
NAMES: Final = ("ad_group_id", "ad_group", "ad", "ad_id")
DECIMALS: Final = {
    "conversions", "conversion_value", "view_value", "click_value", "frequency",
}  # fmt: skip
HTTP: Final = httpx.Client(trust_env=False)
_NUMBERS: Final = itertools.count(1001)

Row = dict[str, Any]


@pytest.fixture(scope="module")
def urls() -> Iterator[dict[str, str]]:
    """All vendors, on the ports of one server."""
    sockets = {name: socket.create_server(("127.0.0.1", 0)) for name in READERS}
    apps = {}
    for name, listening in sockets.items():
        ledger = Ledger(None)
        rules = import_module(f"deploy.simulators.{name}").RULES(ledger)
        apps[listening.getsockname()[1]] = application(rules, ledger)
    config = uvicorn.Config(ByPort(apps), http=Droppable, log_level="error", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=(list(sockets.values()),), daemon=True)
    thread.start()
    assert wait_until(lambda: server.started, seconds=10)
    yield {name: f"http://127.0.0.1:{s.getsockname()[1]}" for name, s in sockets.items()}
    server.should_exit = True
    thread.join()


class Vendor:
    """A vendor's simulator, an account of the test's own there, and the reader of both."""

    def __init__(self, platform: str, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.url, self.n = url, next(_NUMBERS)
        told = (HERE / platform / "spend.json").read_text()
        self.case: dict[str, Any] = json.loads(told.replace("{n}", str(self.n)))
        self.account = Account("acme", self.case["account"], self.case["credentials"])
        for name in ("BASE_URL", "ADS_URL"):
            monkeypatch.setenv(f"ATTRIBUTARY_{platform.upper()}_{name}", url + "/")
        monkeypatch.setenv(f"ATTRIBUTARY_{platform.upper()}_TOKEN_URL", url + EXCHANGE)
        for name, value in self.case["settings"].items():
            monkeypatch.setenv(f"ATTRIBUTARY_{platform.upper()}_{name}", value)
        self.reader: SpendReader = READERS[platform].load(READING, wall_clock)
        self.tell(**self.case.get("told", {}))
        self.script([], reset=True)

    def tell(self, **given: Any) -> None:
        """Something of the vendor's."""
        assert HTTP.post(self.url + "/_sim/rows", json=given).status_code == 200

    def spend(self, *rows: Row, **more: Any) -> None:
        """What the account spent."""
        about = {"account": str(self.n), "token": self.case["token"], "currency": "EUR", **more}
        self.tell(spend={**about, "rows": rows})

    def script(self, steps: list[dict[str, Any]], *, reset: bool = False) -> None:
        """Troubles of the next requests."""
        told = {"steps": steps, "reset": reset}
        assert HTTP.post(self.url + "/_sim/script", json=told).status_code == 200

    def row(self, day: int, campaign: int, ad: int | None = None, **changes: Any) -> Row:
        """A row of the account, whose ids are its own, too."""
        own = {
            "date": str(SINCE + timedelta(days=day)), "campaign_id": f"{self.n}{campaign}",
            "campaign": f"campaign {campaign}", "spend": "12.30", "impressions": 90, "clicks": 3,
            "video_views": 9, "purchases": 3, "value": "60.50", "view": [2, "40.50"],
            "click": [1, "20.00"], "reach": 60, "frequency": "1.500000",
        }  # fmt: skip
        if ad is not None:
            own |= {"ad_id": f"{self.n}{campaign}{ad}", "ad": f"ad {ad}", "ad_group_id": "g1"}
            own["ad_group"] = "group"
        return {**own, **changes}

    async def figures(
        self, level: Level = "campaign", *, since: date = SINCE, until: date = UNTIL
    ) -> list[Figure]:
        """All of the range, in an order of our own."""
        pages = self.reader.figures(self.account, since=since, until=until, level=level)
        found = [figure async for page in pages for figure in page]
        return sorted(found, key=lambda f: (f.date, f.campaign_id, f.ad_id or ""))

    def expected(self, row: Row, level: Level = "campaign", *, listed: bool = True) -> Figure:
        """The figure of a row, as far as the vendor tells it."""
        told: dict[str, Any] = {}
        for name in self.case["tells"][level]:
            if name in SIDES:
                side, place = SIDES[name]
                value = row[side][place] if side in row else None
            else:
                value = row.get(OURS[name])
            told[name] = Decimal(value) if name in DECIMALS and value is not None else value
        named = listed or self.case["unlisted"] == "named"
        if not named:
            told |= dict.fromkeys(told.keys() & {"ad", "ad_group", "ad_group_id"})
        return Figure(
            date=date.fromisoformat(row["date"]),
            currency="EUR",
            amount=Decimal(row["spend"]),
            campaign_id=row["campaign_id"],
            campaign=row["campaign"] if named else "",
            campaign_type=self.case.get("type") if listed else None,
            ad_id=row.get("ad_id"),
            **told,
        )


@pytest.fixture(params=sorted(READERS))
async def vendor(
    request: pytest.FixtureRequest, urls: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> Any:
    """Each vendor in turn."""
    made = Vendor(request.param, urls[request.param], monkeypatch)
    yield made
    await made.reader.close()


@pytest.mark.parametrize(
    ("vendor", "level"),
    [(name, level) for name in sorted(READERS) for level in READERS[name].levels],
    indirect=["vendor"],
)
async def test_figures_are_what_the_vendor_tells_of_a_subject_and_day_and_nothing_that_it_does_not(
    vendor: Vendor, level: Level
) -> None:
    ad = 1 if level == "ad" else None
    full, cheap = vendor.row(0, 1, ad), vendor.row(3, 1, ad, spend="0.01")
    for name in cheap.keys() & {*OURS.values(), "view", "click"} - {*NAMES, "impressions"}:
        del cheap[name]
    other, gone = vendor.row(1, 2, ad, spend="700", status="ARCHIVED"), vendor.row(1, 9, ad)
    nothing: Row = {"spend": "0", "impressions": 0, "clicks": 0, "video_views": 0, "purchases": 0}
    nothing |= {"value": "0", "view": [0, "0"], "click": [0, "0"], "reach": 0}
    none = vendor.row(2, 1, ad, **nothing)
    outside = vendor.row(-1, 1, ad), vendor.row(DAYS, 1, ad)
    # At the level of ads Snapchat is asked only for what campaigns have told.
    above = [{k: v for k, v in r.items() if k != "ad_id"} for r in (full, cheap, other, gone)]
    rows = (full, cheap, other, gone, none, *outside)
    vendor.spend(*rows, *above, unlisted=[gone["campaign_id"]])
    wanted = [vendor.expected(row, level) for row in (full, other, cheap)]
    if vendor.case["unlisted"] != "untold":
        wanted.insert(2, vendor.expected(gone, level, listed=False))
    assert await vendor.figures(level) == wanted


async def test_a_figure_is_read_as_it_was_last_restated_with_a_token_that_ended_early(
    vendor: Vendor,
) -> None:
    vendor.spend(vendor.row(0, 1), vendor.row(1, 1))
    await vendor.figures()
    restated = vendor.row(0, 1, spend="9.99", purchases=7)
    vendor.spend(restated, vendor.row(1, 1, spend="0", impressions=0, purchases=1))
    if "refresh_token" in vendor.account.credentials:
        vendor.tell(expired=True)
    first, second = await vendor.figures()
    assert first == vendor.expected(restated)
    # Nothing was spent, and a purchase is still claimed.
    assert (second.amount, second.conversions) == (Decimal(0), Decimal(1))


async def test_a_long_list_is_read_to_its_end_and_each_row_once(vendor: Vendor) -> None:
    rows = [vendor.row(number // 15, number) for number in range(60)]
    vendor.spend(*rows)
    wanted = [vendor.expected(row) for row in rows]
    assert await vendor.figures() == sorted(wanted, key=lambda f: (f.date, f.campaign_id))


async def test_a_vendor_that_wants_to_be_left_alone_for_an_hour_ends_the_reading(
    vendor: Vendor,
) -> None:
    vendor.spend(vendor.row(0, 1))
    await vendor.figures()
    vendor.script(vendor.case["throttled"]["steps"])
    await _unreadable(vendor, vendor.case["throttled"]["why"])
    assert len(await vendor.figures()) == 1


async def test_an_answer_that_is_cut_off_is_not_taken_for_the_whole(vendor: Vendor) -> None:
    cut = vendor.case["cut"]
    vendor.spend(*(vendor.row(0, campaign) for campaign in range(10, 10 + cut.get("rows", 1))))
    if "steps" in cut:
        await vendor.figures()
        vendor.script(cut["steps"])
    await _unreadable(vendor, cut["why"])


async def test_a_token_that_was_revoked_or_was_never_given_is_refused(vendor: Vendor) -> None:
    vendor.spend(vendor.row(0, 1))
    await vendor.figures()
    vendor.tell(**vendor.case["revoked"])
    await _unreadable(vendor, "the credentials are refused")
    for name in vendor.case["credentials"].keys() - {"client_id", "client_secret", "currency"}:
        left = {n: v for n, v in vendor.case["credentials"].items() if n != name}
        vendor.account = Account("acme", vendor.case["account"], left)
        await _unreadable(vendor, "needs ")


JUNK: Final[tuple[Any, ...]] = (
    7, [7], {"data": 7, "elements": 7, "items": 7, "id": 7, "currency": 7},
    {"code": 0, "data": {"list": [7], "page_info": {"total_page": 1, "total_number": 1}}},
    {"code": 0, "data": {"list": [{}], "page_info": {"total_page": 1, "total_number": 1}}},
    {"data": {"tables": [{"columns": [7]}], "rows": [7]}, "elements": [7], "items": [7]},
    {"data": {"tables": [{}], "rows": [{}]}, "elements": [{}], "items": [{}], "metadata": 7},
    *({"request_status": "SUCCESS", name: [{"sub_request_status": "SUCCESS", inside: part}]}
      for name, inside in (("adaccounts", "adaccount"), ("campaigns", "campaign"),
                           ("timeseries_stats", "timeseries_stat"))
      for part in (7, {}, {"breakdown_stats": {"campaign": [{"id": "1", "timeseries": [{}]}]}})),
)  # fmt: skip


async def test_an_answer_of_another_form_is_refused_wherever_it_comes(vendor: Vendor) -> None:
    vendor.spend(vendor.row(0, 1))
    await vendor.figures()
    for before, junk in itertools.product(range(3), JUNK):
        usual: list[dict[str, Any]] = [{"count": before}] if before else []
        vendor.script([*usual, {"status": 200, "body": junk, "count": 3}])
        try:
            found = await vendor.figures()
        except (Unreadable, Unusable):
            found = None
        left = HTTP.get(vendor.url + "/_sim/stats").json()["script_left"]
        # Junk came, and was never taken for figures; or nothing more was asked for.
        assert found is None or left >= 3, (before, junk)
        vendor.script([], reset=True)


async def _unreadable(vendor: Vendor, why: str) -> None:
    with pytest.raises(Unreadable, match=why) as error:
        await vendor.figures()
    for secret in ("secret-1", *vendor.case["credentials"].values()):
        assert secret not in str(error.value) or secret in ("EUR", "app", str(vendor.n))


@pytest.mark.parametrize("platform", sorted(READERS))
def test_the_simulator_refuses_a_question_of_another_form(
    platform: str, urls: dict[str, str]
) -> None:
    url = urls[platform]
    row = {"date": "2026-09-01", "campaign_id": "1", "spend": "1"}
    given = {"spend": {"account": "1", "token": "right", "rows": [row]}}
    assert HTTP.post(url + "/_sim/rows", json=given).status_code == 200
    told = (HERE / platform / "spend.json").read_text().replace("{today}", str(SINCE))
    strict = json.loads(told)["strict"]
    assert _asked(url, strict, {}) in (0, 200)
    for changes, code in strict["refused"]:
        assert _asked(url, strict, changes) == code, changes
    assert _asked(url, {**strict, "headers": {}}, {}) in (400, 401, 40104)


def _asked(url: str, strict: dict[str, Any], changes: Any) -> int:
    """The status, or TikTok's code."""
    headers, path = strict["headers"], url + strict["path"]
    if "body" in strict:
        return HTTP.post(path, json={**strict["body"], **changes}, headers=headers).status_code
    if isinstance(strict["query"], str):
        query = strict["query"].replace(*changes) if changes else strict["query"]
    else:
        query = urlencode({**strict["query"], **changes})
    answer = HTTP.get(f"{path}?{query}", headers=headers)
    if "/open_api/" in path:
        return int(answer.json()["code"])
    return answer.status_code


async def test_snapchat_is_asked_for_midnights_also_where_the_clock_was_changed_between(
    urls: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    vendor = Vendor("snapchat", urls["snapchat"], monkeypatch)
    days = [date(2026, 10, 31), date(2026, 11, 1), date(2026, 11, 2)]
    rows = [vendor.row(0, 1, date=str(day)) for day in days]
    vendor.spend(*rows, zone="America/New_York")
    found = await vendor.figures(since=days[0], until=days[-1])
    assert [figure.date for figure in found] == days
    await vendor.reader.close()


async def test_affiliates_are_owed_what_was_not_declined_with_the_networks_fee(
    urls: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    vendor = Vendor("affiliate", urls["affiliate"], monkeypatch)
    owed = vendor.row(0, 1, fee="3.69", state="approved")
    vendor.spend(owed, vendor.row(0, 2, state="declined"), vendor.row(1, 1, state="deleted"))
    (found,) = await vendor.figures()
    assert (found.campaign_id, found.amount) == (owed["campaign_id"], Decimal("15.99"))
    vendor.spend(vendor.row(0, 1, state="disputed"))
    with pytest.raises(Unusable, match="commissionStatus"):
        await vendor.figures()
    await vendor.reader.close()
