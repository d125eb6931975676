"""Every platform against its cases: what it must send, and what an answer must mean."""

import json
import logging
from typing import Any

import pytest

from processors.domain.events import StandardEvent
from processors.platforms.base import deadline_ms
from processors.platforms.registry import CONNECTORS
from schemas.delivery import Delivery, DeliveryKind, Platform
from tests.contract.platforms.conftest import HERE, NOW_MS, Connect, account
from tests.contract.platforms.vendor import Vendor

HOUR_MS = 3_600_000


def cases(kind: str) -> list[Any]:
    """(platform, case) of every platform's file."""
    return [
        pytest.param(platform, case, id=f"{platform}: {case['name']}")
        for platform in CONNECTORS
        for case in json.loads((HERE / platform / f"{kind}.json").read_text())
    ]


def good(platform: Platform, **fields: Any) -> Delivery:
    """The delivery that the platform's cases call good."""
    found = json.loads((HERE / platform / "refusals.json").read_text())
    case = next(case for case in found if case["refusal"] is None)
    return Delivery.model_validate({**case["delivery"], **fields})


def texts(body: Any) -> set[str]:
    """Every text that is a value in it."""
    match body:
        case str():
            return {body}
        case dict():
            return {text for value in body.values() for text in texts(value)}
        case list():
            return {text for value in body for text in texts(value)}
    return set()


@pytest.mark.parametrize(("platform", "case"), cases("requests"))
async def test_a_delivery_becomes_exactly_this_request(
    platform: Platform, case: dict[str, Any], vendor: Vendor, connect: Connect
) -> None:
    assert case["now_ms"] == NOW_MS
    connector = await connect(platform)
    deliveries = [Delivery.model_validate(one) for one in case["deliveries"]]
    assert [connector.refusal(delivery) for delivery in deliveries] == [None] * len(deliveries)
    await connector.send(account(platform, case.get("credentials")), deliveries)
    (seen,) = vendor.seen
    assert seen.path == case["path"]
    assert seen.params == case["params"]
    assert seen.body == case["body"]
    assert seen.headers | case["headers"] == seen.headers


@pytest.mark.parametrize(("platform", "case"), cases("answers"))
async def test_an_answer_means_exactly_this(
    platform: Platform, case: dict[str, Any], vendor: Vendor, connect: Connect
) -> None:
    vendor.status, vendor.body = case["status"], case["body"]
    vendor.headers = case.get("headers", {})
    n = case.get("events", 1)
    events = [good(platform, **case.get("delivery", {}))] * n
    own = account(platform, case.get("credentials"))
    answer = await (await connect(platform)).send(own, events)
    wanted = case["verdicts"] if "verdicts" in case else [case["verdict"]] * n
    assert [result.verdict for result in answer.results] == wanted
    assert answer.http_status == case["status"]
    assert answer.opaque is case.get("opaque", False)
    assert answer.pause_seconds == case.get("pause_seconds", 0)
    if "error" in case:
        assert answer.results[0].error == case["error"]
    assert "secret" not in str(answer)


@pytest.mark.parametrize(("platform", "case"), cases("refusals"))
async def test_what_a_platform_can_never_take_is_refused_before_it_is_sent(
    platform: Platform, case: dict[str, Any], connect: Connect
) -> None:
    connector = await connect(platform)
    assert connector.refusal(Delivery.model_validate(case["delivery"])) == case["refusal"]


@pytest.mark.parametrize("platform", CONNECTORS)
async def test_the_standard_events_have_the_platform_s_names(
    platform: Platform, vendor: Vendor, connect: Connect
) -> None:
    names = json.loads((HERE / platform / "names.json").read_text())
    assert list(names) == [str(event) for event in StandardEvent]
    connector = await connect(platform)
    for ours, theirs in names.items():
        event = good(platform, event_name=ours)
        if theirs is None:
            assert connector.refusal(event)
            continue
        await connector.send(account(platform), [event])
        assert theirs in texts(vendor.seen[-1].body)


@pytest.mark.parametrize("platform", CONNECTORS)
async def test_silence_after_the_request_is_in_doubt(
    platform: Platform, vendor: Vendor, connect: Connect
) -> None:
    vendor.silent = True
    answer = await (await connect(platform)).send(account(platform), [good(platform)])
    assert answer.results[0].verdict == "unknown"
    assert answer.http_status is None


@pytest.mark.parametrize("platform", CONNECTORS)
async def test_a_connection_that_never_stood_is_a_plain_retry(
    platform: Platform, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    await connect(platform)
    monkeypatch.setenv(f"ATTRIBUTARY_{platform.upper()}_BASE_URL", "http://127.0.0.1:1")
    connector = CONNECTORS[platform].load(lambda: NOW_MS)
    answer = await connector.send(account(platform), [good(platform)])
    assert answer.results[0].verdict == "retry"
    await connector.close()


@pytest.mark.parametrize("platform", CONNECTORS)
async def test_secrets_and_people_stay_out_of_the_log(
    platform: Platform, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    connector = await connect(platform)
    with caplog.at_level(logging.INFO):
        await connector.send(account(platform), [good(platform)])
    assert "secret-1" not in caplog.text
    assert "secret-1" not in repr(account(platform))


@pytest.mark.parametrize("platform", CONNECTORS)
async def test_limits_windows_and_deadlines_are_the_vendor_s(
    platform: Platform, connect: Connect
) -> None:
    limits = json.loads((HERE / platform / "limits.json").read_text())
    connector, event = await connect(platform), good(platform)
    assert connector.platform == platform
    assert connector.batch_limit == limits["batch_limit"]
    accepted_for = deadline_ms(connector, event) - event.occurred_at
    assert accepted_for == limits["accepted_for_hours"] * HOUR_MS
    for window in limits["dedupe_windows"]:
        hours = window["hours"]
        found = connector.dedupe_window_ms(good(platform, **window["delivery"]))
        assert found == (None if hours is None else hours * HOUR_MS)


@pytest.mark.parametrize("platform", CONNECTORS)
async def test_a_page_that_is_a_path_alone_is_no_address_for_anybody(
    platform: Platform, vendor: Vendor, connect: Connect
) -> None:
    connector = await connect(platform)
    event = good(platform)
    page = event.browser.model_copy(update={"url": "/hats?size=7"})
    event = event.model_copy(update={"browser": page})
    if connector.refusal(event) is None:
        await connector.send(account(platform), [event])
        assert not {text for text in texts(vendor.seen[-1].body) if "/hats" in text}


@pytest.mark.parametrize("platform", ["ga4", "sgtm"])
async def test_only_events_of_one_client_share_a_request(
    platform: Platform, connect: Connect
) -> None:
    connector = await connect(platform)
    one, two = good(platform), good(platform, event_id="f" * 32, event_name="PageView")
    other = good(platform, identifiers={"ga4_client_id": "9.9"})
    assert connector.group(one) == connector.group(two) != connector.group(other)


@pytest.mark.parametrize("kind", ["refund", "cancel", "adjust"])
@pytest.mark.parametrize("platform", CONNECTORS)
async def test_what_a_connector_declares_to_retract_is_what_it_does_not_refuse(
    connect: Connect, platform: Platform, kind: DeliveryKind
) -> None:
    connector = await connect(platform)
    bought = good(platform, event_name="Purchase", order_id="1", value=2, currency="EUR")
    later = {"occurred_at": bought.occurred_at + HOUR_MS, "converted_at": bought.occurred_at}
    taken_back = bought.model_copy(update={"kind": kind, "value": 1, **later})
    assert (connector.refusal(taken_back) is None) == (kind in connector.retracts)
