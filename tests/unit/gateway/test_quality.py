"""The quality of server events: in the answer to those that are taken, and asked for beforehand."""

from dataclasses import replace
from typing import Any

import pytest

from tests.unit.gateway.asking import BROWSER, NOW, Gateway

ANALYZE = "/api/v1/capi/quality/analyze"
EVENT: dict[str, Any] = {
    "event_name": "Lead", "event_id": "e-1", "event_time": NOW // 1000,
    "user_data": {"email": "mary.doe@example.com", "phone": "+14155551234"},
}  # fmt: skip
POOR: dict[str, Any] = {"event_name": "Lead", "visitor_id": "v-1"}


async def test_every_event_that_is_taken_has_its_score_and_the_request_their_mean() -> None:
    gateway = Gateway()

    one = (await gateway.post("/api/v1/capi/events/stream", EVENT)).json
    many = (await gateway.post("/api/v1/capi/events/batch", {"events": [EVENT, {}, POOR]})).json

    good = one["receipts"][0]["data_quality_score"]
    scores = [receipt["data_quality_score"] for receipt in many["receipts"]]
    assert one["data_quality_score"] == good > 70
    assert scores == [good, 20.0]
    assert many["data_quality_score"] == pytest.approx((good + 20.0) / 2, abs=0.1)
    assert [row["index"] for row in many["rejected"]] == [1]


async def test_a_server_event_says_where_it_will_wait() -> None:
    gateway = Gateway()
    gateway.directory.snapshot = replace(
        gateway.directory.snapshot,
        platforms={"demo": ("ga4", "meta")},
        failing={"demo": ("meta",)},
    )

    taken = (await gateway.post("/api/v1/capi/events/stream", EVENT)).json
    refused = (await gateway.post("/api/v1/capi/events/stream", {})).json

    assert (taken["platforms_sent"], taken["failed_platforms"]) == (2, ["meta"])
    assert (refused["platforms_sent"], refused["failed_platforms"]) == (0, [])


async def test_an_analysis_keeps_nothing_and_tells_what_would_raise_the_score() -> None:
    gateway = Gateway()

    taken = (await gateway.post("/api/v1/capi/events/stream", EVENT)).json
    gateway.outlet.rows.clear()
    answer = await gateway.post(ANALYZE, EVENT)
    (event,) = answer.json["events"]

    assert answer.status == 200
    assert gateway.outlet.rows == []
    assert event["data_quality_score"] == taken["data_quality_score"]
    assert 0 < event["match_quality_score"] < 10
    assert event["event_id"] == "e-1"
    first = event["findings"][0]
    assert first.keys() == {"field", "problem", "severity", "gain"}
    assert "mary.doe" not in answer.content.decode()


async def test_an_analysis_takes_many_and_means_them() -> None:
    answer = await Gateway().post(ANALYZE, [EVENT, POOR, 7])

    assert [event["index"] for event in answer.json["events"]] == [0, 1]
    assert [row["index"] for row in answer.json["rejected"]] == [2]
    scores = [event["data_quality_score"] for event in answer.json["events"]]
    assert answer.json["data_quality_score"] == pytest.approx(sum(scores) / 2, abs=0.1)


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"", 400), (b"nope", 400), ([], 400), ('"x"', 400), ([1, None], 422), ({"events": [1]}, 422)],
)
async def test_junk_is_refused(body: Any, status: int) -> None:
    assert (await Gateway().post(ANALYZE, body)).status == status


async def test_an_analysis_needs_a_key_and_takes_a_browser_s() -> None:
    gateway = Gateway()

    assert (await gateway.post(ANALYZE, EVENT, key=None)).status == 401
    assert (await gateway.post(ANALYZE, EVENT, key=BROWSER)).status == 200
