"""Every platform against its cases: what it must send, and what an answer must mean."""

import json
import logging
from pathlib import Path
from typing import Any

import pytest

from processors.platforms.base import deadline_ms
from schemas.delivery import Delivery, Platform
from tests.contract.platforms.conftest import ACCOUNT, NOW_MS, WRITTEN, Connect
from tests.contract.platforms.vendor import Vendor

HERE = Path(__file__).parent
DAY_MS = 86_400_000


def cases(kind: str) -> list[Any]:
    """(platform, case) of every platform's file."""
    return [
        pytest.param(platform, case, id=f"{platform}: {case['name']}")
        for platform in WRITTEN
        for case in json.loads((HERE / platform / f"{kind}.json").read_text())
    ]


def good(platform: Platform, **fields: Any) -> Delivery:
    """The delivery that the platform's cases call good."""
    found = json.loads((HERE / platform / "refusals.json").read_text())
    case = next(case for case in found if case["refusal"] is None)
    return Delivery.model_validate({**case["delivery"], **fields})


@pytest.mark.parametrize(("platform", "case"), cases("requests"))
async def test_a_delivery_becomes_exactly_this_request(
    platform: Platform, case: dict[str, Any], vendor: Vendor, connect: Connect
) -> None:
    assert case["now_ms"] == NOW_MS
    connector = await connect(platform)
    deliveries = [Delivery.model_validate(one) for one in case["deliveries"]]
    assert [connector.refusal(delivery) for delivery in deliveries] == [None] * len(deliveries)
    await connector.send(ACCOUNT, deliveries)
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
    answer = await (await connect(platform)).send(ACCOUNT, [good(platform)] * n)
    assert [result.verdict for result in answer.results] == [case["verdict"]] * n
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


@pytest.mark.parametrize("platform", WRITTEN)
async def test_the_standard_events_have_the_platform_s_names(
    platform: Platform, vendor: Vendor, connect: Connect
) -> None:
    names = json.loads((HERE / platform / "names.json").read_text())
    assert len(names) == 18
    connector = await connect(platform)
    for ours in names:
        await connector.send(ACCOUNT, [good(platform, event_name=ours)])
    sent = [str(seen.body) for seen in vendor.seen]
    for text, theirs in zip(sent, names.values(), strict=True):
        assert f"name': '{theirs}'" in text or f"'event': '{theirs}'" in text


@pytest.mark.parametrize("platform", WRITTEN)
async def test_silence_after_the_request_is_in_doubt(
    platform: Platform, vendor: Vendor, connect: Connect
) -> None:
    vendor.silent = True
    answer = await (await connect(platform)).send(ACCOUNT, [good(platform)])
    assert answer.results[0].verdict == "unknown"
    assert answer.http_status is None


@pytest.mark.parametrize("platform", WRITTEN)
async def test_a_connection_that_never_stood_is_a_plain_retry(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"ATTRIBUTARY_{platform.upper()}_BASE_URL", "http://127.0.0.1:1")
    connector = WRITTEN[platform].load(lambda: NOW_MS)
    answer = await connector.send(ACCOUNT, [good(platform)])
    assert answer.results[0].verdict == "retry"
    await connector.close()


@pytest.mark.parametrize("platform", WRITTEN)
async def test_secrets_and_people_stay_out_of_the_log(
    platform: Platform, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    connector = await connect(platform)
    with caplog.at_level(logging.INFO):
        await connector.send(ACCOUNT, [good(platform)])
    assert "secret-1" not in caplog.text
    assert "secret-1" not in repr(ACCOUNT)


async def test_windows_and_deadlines_are_the_vendors(connect: Connect) -> None:
    meta, ga4 = await connect("meta"), await connect("ga4")
    sgtm, tiktok = await connect("sgtm"), await connect("tiktok")
    purchase, view = good("ga4"), good("ga4", event_name="PageView")
    assert deadline_ms(meta, good("meta")) - good("meta").occurred_at == 7 * DAY_MS
    assert deadline_ms(ga4, purchase) - purchase.occurred_at == 3 * DAY_MS
    assert meta.dedupe_window_ms(good("meta")) == 2 * DAY_MS
    assert ga4.dedupe_window_ms(purchase) == 3 * DAY_MS
    assert ga4.dedupe_window_ms(view) is None
    assert sgtm.dedupe_window_ms(good("sgtm")) == 2 * DAY_MS
    assert sgtm.dedupe_window_ms(good("sgtm", kind="refund")) is None
    assert deadline_ms(sgtm, good("sgtm")) - good("sgtm").occurred_at == 3 * DAY_MS
    assert tiktok.dedupe_window_ms(good("tiktok")) == 2 * DAY_MS
    assert tiktok.dedupe_window_ms(good("tiktok", kind="refund")) is None
    assert deadline_ms(tiktok, good("tiktok")) - good("tiktok").occurred_at == 7 * DAY_MS
    assert (meta.batch_limit, ga4.batch_limit, sgtm.batch_limit) == (1000, 25, 25)
    assert tiktok.batch_limit == 1000


@pytest.mark.parametrize("platform", ["ga4", "sgtm"])
async def test_only_events_of_one_client_share_a_request(
    platform: Platform, connect: Connect
) -> None:
    connector = await connect(platform)
    one, two = good(platform), good(platform, event_id="f" * 32, event_name="PageView")
    other = good(platform, identifiers={"ga4_client_id": "9.9"})
    assert connector.group(one) == connector.group(two) != connector.group(other)
