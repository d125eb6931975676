"""The simulator of Microsoft Advertising keeps the facts of its connector: each rule refuses, by
the vendor's symbol and the place of the item."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.simulators.authority import EXCHANGE
from deploy.simulators.ledger import Ledger
from deploy.simulators.microsoft_ads import MicrosoftAdsRules
from deploy.simulators.server import application
from tests.contract.platforms.test_simulators import HASH, Client, without

ROOT = "/CampaignManagement/v13"
SCOPE = "https://ads.microsoft.com/msads.manage offline_access"
CLICK = "dd4afcccb1c9a4cad9544dd7e5006abc"
CONVERSIONS, ADJUSTMENTS = "OfflineConversions", "OfflineConversionAdjustments"


def microsoft(path: Path | None = None) -> Client:
    ledger = Ledger(path)
    return Client(application(MicrosoftAdsRules(ledger), ledger))


def ago(seconds: float, *, zone: str = "Z") -> str:
    at = datetime.fromtimestamp(time.time() - seconds, UTC)
    return at.strftime("%Y-%m-%dT%H:%M:%S.123") + zone


def conversion(**fields: Any) -> dict[str, Any]:
    return {
        "MicrosoftClickId": CLICK,
        "ConversionName": "Sale",
        "ConversionTime": ago(3600),
        "ConversionValue": 1.5,
        "ConversionCurrencyCode": "EUR",
        **fields,
    }


def adjustment(**fields: Any) -> dict[str, Any]:
    return {
        "MicrosoftClickId": CLICK,
        "ConversionName": "Sale",
        "ConversionTime": ago(3600),
        "AdjustmentTime": ago(0),
        "AdjustmentType": "Retract",
        **fields,
    }


def hashed(**fields: Any) -> dict[str, Any]:
    return without(conversion(**fields), "MicrosoftClickId")


def headers(client: Client) -> dict[str, str]:
    app = {"client_id": "c", "client_secret": "s", "scope": SCOPE}
    form = {"grant_type": "refresh_token", "refresh_token": "r", **app}
    sold = client.post(EXCHANGE, data=form).json()
    return {
        "authorization": f"Bearer {sold['access_token']}",
        "developertoken": "d",
        "customerid": "25",
        "customeraccountid": "18",
    }


def told(client: Client, *items: Any, operation: str = CONVERSIONS, **other: str) -> httpx.Response:
    said = headers(client) | other
    return client.post(f"{ROOT}/{operation}/Apply", json={operation: list(items)}, headers=said)


def symbols(answer: httpx.Response) -> list[tuple[int, str]]:
    assert answer.status_code == 200
    return [(error["Index"], error["ErrorCode"]) for error in answer.json()["PartialErrors"]]


def fault(answer: httpx.Response) -> tuple[int, str]:
    told = answer.json()
    (error,) = told.get("Errors") or told["OperationErrors"]
    return answer.status_code, error["ErrorCode"]


REFUSALS: dict[str, Callable[[], Any]] = {
    "OfflineConversionIsNull": lambda: None,
    "OfflineConversionMSClickIdNullOrEmpty": lambda: without(conversion(), "MicrosoftClickId"),
    "OfflineConversionMSClickIdInvalid": lambda: conversion(MicrosoftClickId=HASH),
    "ConversionEmailAddressIsNotHashed": lambda: conversion(HashedEmailAddress="a@example.com"),
    "ConversionPhoneNumberIsNotHashed": lambda: conversion(HashedPhoneNumber="A" * 64),
    "OfflineConversionNameNullOrEmpty": lambda: without(conversion(), "ConversionName"),
    "OfflineConversionTimeNullOrEmpty": lambda: without(conversion(), "ConversionTime"),
    "OfflineConversionTimeInvalid": lambda: conversion(ConversionTime=ago(60, zone="+02:00")),
    "OfflineConversionTimeOutOfWindow": lambda: conversion(ConversionTime=ago(91 * 86_400)),
    "FutureConversionTimeCannotBeSet": lambda: conversion(ConversionTime=ago(-3600)),
    "OfflineConversionValueInvalid": lambda: conversion(ConversionValue="1.5"),
    "OfflineConversionCurrencyCodeInvalid": lambda: conversion(ConversionCurrencyCode="QQQ"),
}
ADJUSTED: dict[str, Callable[[], Any]] = {
    "OfflineConversionInvalidAdjustmentType": lambda: adjustment(AdjustmentType="Refund"),
    "OfflineConversionAdjustmentTimeNullOrEmpty": lambda: without(adjustment(), "AdjustmentTime"),
    "OfflineConversionAdjustmentTimeInvalid": lambda: adjustment(AdjustmentTime="yesterday"),
    "OfflineConversionFutureAdjustmentTimeCannotBeSet": lambda: adjustment(
        AdjustmentTime=ago(-3600)
    ),
    "OfflineConversionAdjustmentTimeEarlierThanConversionTime": lambda: adjustment(
        AdjustmentTime=ago(7200)
    ),
    "OfflineConversionAdjustmentValueNotExpected": lambda: adjustment(AdjustmentValue=1),
    "OfflineConversionAdjustmentValueRequired": lambda: adjustment(AdjustmentType="Restate"),
}


@pytest.mark.parametrize("symbol", REFUSALS)
def test_a_conversion_that_breaks_a_rule_is_named_and_the_other_counts(symbol: str) -> None:
    client = microsoft()
    assert symbols(told(client, conversion(), REFUSALS[symbol]())) == [(1, symbol)]
    (row,) = client.get("/_sim/accepted").json()
    assert (row["event_name"], row["value"], row["times_accepted"]) == ("Sale", 1.5, 1)


@pytest.mark.parametrize("symbol", ADJUSTED)
def test_an_adjustment_that_breaks_a_rule_is_named(symbol: str) -> None:
    client = microsoft()
    answer = told(client, ADJUSTED[symbol](), adjustment(), operation=ADJUSTMENTS)
    assert symbols(answer) == [(0, symbol)]
    assert len(client.get("/_sim/stats").json()["adjustments"]) == 1


def test_a_goal_may_be_unknown_too_young_or_without_enhanced_conversions() -> None:
    client = microsoft()
    kinds = {"Sale": "good", "New": "recent", "Plain": "plain"}
    client.post("/_sim/rows", json={"goals": kinds})
    names = ["Sale", "New", "Plain", "Other"]
    items = [conversion(ConversionName=name, HashedEmailAddress=HASH) for name in names]
    assert symbols(told(client, *items)) == [
        (1, "OfflineConversionGoalTooRecent"),
        (2, "NotEligibleForEnhancedConversions"),
        (3, "OfflineConversionNameInvalid"),
    ]


def test_the_first_of_one_click_goal_and_time_counts_and_of_hashes_each(tmp_path: Path) -> None:
    state, at = tmp_path / "microsoft.jsonl", ago(60)
    items = [
        conversion(ConversionTime=at),
        conversion(ConversionTime=at, ConversionValue=7),
        conversion(ConversionTime=at, ConversionName="Lead"),
        hashed(ConversionTime=at, HashedEmailAddress=HASH),
        hashed(ConversionTime=at, HashedEmailAddress=HASH),
    ]
    for client in (microsoft(state), microsoft(state)):
        assert symbols(told(client, *items)) == []
    rows = microsoft(state).get("/_sim/accepted").json()
    clicks = [row for row in rows if row["id"].startswith(CLICK)]
    told_of = ("event_name", "value", "times_accepted", "duplicates")
    assert [tuple(row[name] for name in told_of) for row in clicks] == [
        ("Sale", 1.5, 1, 3), ("Lead", 1.5, 1, 1),
    ]  # fmt: skip
    assert len(rows) - len(clicks) == 4


def test_an_adjustment_meets_the_conversion_of_its_click_goal_and_time() -> None:
    client, at = microsoft(), ago(60)
    told(client, conversion(ConversionTime=at))
    answer = told(
        client,
        adjustment(ConversionTime=at),
        adjustment(ConversionTime=ago(61)),
        operation=ADJUSTMENTS,
    )
    assert symbols(answer) == []
    assert [one["met"] for one in client.get("/_sim/stats").json()["adjustments"]] == [True, False]


def test_a_thousand_conversions_are_taken_and_one_more_is_not() -> None:
    client = microsoft()
    assert symbols(told(client, *[hashed(HashedPhoneNumber=HASH)] * 1000)) == []
    answer = told(client, *[hashed(HashedPhoneNumber=HASH)] * 1001)
    assert fault(answer) == (400, "OfflineConversionBatchSizeExceedsLimit")
    assert fault(told(client)) == (400, "OfflineConversionsNullOrEmpty")
    assert fault(told(client, conversion(EventId="e"))) == (400, "InvalidRequest")


def test_microsoft_wants_a_token_that_was_sold_and_lasts_and_all_of_its_headers() -> None:
    client = microsoft()
    client.post("/_sim/accounts", json={"18": "d"})
    assert fault(told(client, conversion(), authorization="Bearer x")) == (
        401,
        "InvalidCredentials",
    )
    assert fault(told(client, conversion(), developertoken="")) == (401, "InvalidCredentials")
    assert fault(told(client, conversion(), developertoken="e")) == (400, "UserIsNotAuthorized")
    assert fault(told(client, conversion(), customerid="")) == (400, "UserIsNotAuthorized")
    assert fault(told(client, conversion(), customeraccountid="")) == (400, "UserIsNotAuthorized")
    assert symbols(told(client, conversion())) == []
    client.post("/_sim/rows", json={"token_seconds": 0})
    assert fault(told(client, conversion())) == (401, "AuthenticationTokenExpired")


def test_microsoft_throttles_an_account_that_asks_too_often() -> None:
    client = microsoft()
    client.post("/_sim/rows", json={"requests_per_minute": 1})
    assert symbols(told(client, conversion())) == []
    assert fault(told(client, conversion())) == (429, "CallRateExceeded")
    assert client.post("/_sim/rows", json={"typo": 1}).status_code == 400
