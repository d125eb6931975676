"""What Google's Data Manager API says later of a request that it took: the cases are in
`google_ads/statuses.json`."""

import json
from typing import Any

import pytest

from processors.platforms.base import Heard, Judging
from processors.platforms.registry import CONNECTORS
from tests.contract.platforms.conftest import HERE, Connect, account
from tests.contract.platforms.test_contract import good
from tests.contract.platforms.vendor import Vendor

CASES = json.loads((HERE / "google_ads" / "statuses.json").read_text())
UPLOADS = {"api": "click_uploads"}


async def judging(connect: Connect) -> Judging:
    connector = await connect("google_ads")
    assert isinstance(connector, Judging)
    return connector


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
async def test_a_status_means_exactly_this(
    case: dict[str, Any], vendor: Vendor, connect: Connect
) -> None:
    vendor.status, vendor.body = case["status"], case["body"]
    connector = await judging(connect)
    heard = await connector.verdict_later(account("google_ads"), "126365e1-16d0", case["events"])
    assert heard == Heard(case["verdict"], case["error"], case.get("pause_seconds", 0))
    (seen,) = vendor.seen
    assert seen.path == "/v1/requestStatus:retrieve"
    assert seen.params == {"requestId": "126365e1-16d0"}
    assert seen.headers["authorization"] == "Bearer secret-1"
    assert seen.body is None


async def test_silence_says_nothing_of_the_events(vendor: Vendor, connect: Connect) -> None:
    vendor.silent = True
    heard = await (await judging(connect)).verdict_later(account("google_ads"), "r", 1)
    assert heard.verdict == "pending"


async def test_without_a_token_nothing_is_asked(vendor: Vendor, connect: Connect) -> None:
    vendor.token_answer = (400, {"error": "invalid_grant"})
    heard = await (await judging(connect)).verdict_later(account("google_ads"), "r", 1)
    assert heard == Heard("pending", "token: invalid_grant")
    assert vendor.seen == []


@pytest.mark.parametrize(
    ("status", "told", "receipt"),
    [
        (200, {"requestId": "126365e1-16d0"}, "126365e1-16d0"),
        (200, {"requestId": 7}, None),
        (200, {"requestId": "no id\n"}, None),
        (200, {}, None),
        (400, {"requestId": "126365e1-16d0"}, None),
    ],
)
async def test_the_id_of_a_request_that_was_taken_is_its_receipt(
    status: int, told: Any, receipt: str | None, vendor: Vendor, connect: Connect
) -> None:
    vendor.status, vendor.body = status, told
    connector = await connect("google_ads")
    answer = await connector.send(account("google_ads"), [good("google_ads")])
    assert answer.receipt == receipt


async def test_neither_checked_requests_nor_uploads_have_a_receipt(
    vendor: Vendor, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    vendor.body = {"requestId": "126365e1-16d0"}
    uploads = await connect("google_ads")
    answer = await uploads.send(account("google_ads", UPLOADS), [good("google_ads")])
    assert answer.receipt is None
    monkeypatch.setenv("ATTRIBUTARY_GOOGLE_ADS_VALIDATE_ONLY", "true")
    checking = await connect("google_ads")
    answer = await checking.send(account("google_ads"), [good("google_ads")])
    assert answer.receipt is None


@pytest.mark.parametrize("platform", CONNECTORS)
async def test_only_platforms_that_judge_later_are_asked(platform: Any, connect: Connect) -> None:
    assert isinstance(await connect(platform), Judging) is (platform == "google_ads")
