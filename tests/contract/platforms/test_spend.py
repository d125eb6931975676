"""Readers of spend against answers that are no report: each ends with its reason, none repeats a
secret, and what may pass is asked for again."""

import json
from collections.abc import Callable
from datetime import date
from typing import Any, Final

import pytest

from processors.engine.clock import Clock
from processors.platforms.google_ads.spend import GoogleSpend
from processors.platforms.microsoft_ads.spend import MicrosoftSpend
from processors.platforms.reading import ReadingSettings, Unreadable
from processors.platforms.spending import SpendReader, Unusable
from tests.contract.platforms.conftest import HERE, NOW_MS, account
from tests.contract.platforms.vendor import TOKEN_PATH, Vendor

READERS: Final[dict[Any, Callable[[ReadingSettings, Clock], SpendReader]]] = {
    "google_ads": GoogleSpend.load,
    "microsoft_ads": MicrosoftSpend.load,
}
IMPATIENT: Final = ReadingSettings(first_pause_seconds=0.01, tries=2, timeout_seconds=5)


def cases() -> list[Any]:
    return [
        pytest.param(platform, case, id=f"{platform}: {case['name']}")
        for platform in READERS
        for case in json.loads((HERE / platform / "spend.json").read_text())
    ]


async def read_all(reader: SpendReader, platform: Any) -> None:
    try:
        span = {"since": date(2026, 9, 1), "until": date(2026, 9, 7)}
        async for _ in reader.figures(account(platform), **span, level="campaign"):
            pass
    finally:
        await reader.close()


@pytest.fixture
def reader(platform: Any, vendor: Vendor, monkeypatch: pytest.MonkeyPatch) -> SpendReader:
    for name, value in {"BASE_URL": vendor.url, "TOKEN_URL": vendor.url + TOKEN_PATH}.items():
        monkeypatch.setenv(f"ATTRIBUTARY_{platform.upper()}_{name}", value)
    return READERS[platform](IMPATIENT, lambda: NOW_MS)


@pytest.mark.parametrize(("platform", "case"), cases())
async def test_an_answer_that_is_no_report_ends_the_reading_with_its_reason(
    platform: Any, case: dict[str, Any], reader: SpendReader, vendor: Vendor
) -> None:
    vendor.status, vendor.body = case["status"], case["body"]
    vendor.headers = case.get("headers", {})
    with pytest.raises(Unusable if "unusable" in case else Unreadable) as raised:
        await read_all(reader, platform)
    assert case.get("unreadable", str(raised.value)) == str(raised.value)
    assert case.get("unusable", "") in str(raised.value)
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize("platform", READERS)
async def test_a_grant_that_was_taken_back_is_said_and_nothing_is_asked(
    platform: Any, reader: SpendReader, vendor: Vendor
) -> None:
    vendor.token_answer = (400, {"error": "invalid_grant"})
    with pytest.raises(Unreadable, match="invalid_grant: the credentials are refused") as raised:
        await read_all(reader, platform)
    assert raised.value.is_refused
    assert vendor.seen == []


@pytest.mark.parametrize("platform", READERS)
async def test_a_token_that_is_refused_is_replaced_once(
    platform: Any, reader: SpendReader, vendor: Vendor
) -> None:
    vendor.status, vendor.body = 401, {"error": {"code": 401, "status": "UNAUTHENTICATED"}}
    with pytest.raises(Unreadable, match="HTTP 401"):
        await read_all(reader, platform)
    assert (len(vendor.seen), len(vendor.tokens)) == (2, 2)
