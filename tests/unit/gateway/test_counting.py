"""What the metrics and the log say of requests that were taken."""

import logging
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.unit.gateway.asking import Gateway

STREAM, BATCH = "/api/v1/capi/events/stream", "/api/v1/capi/events/batch"
EVENT: dict[str, Any] = {"event_name": "Lead", "visitor_id": "v-1", "event_id": "e-1"}
ORDER: dict[str, Any] = {
    "event_name": "Purchase", "event_id": "e-2", "order_id": "o-1", "value": 5, "currency": "USD",
    "user_data": {"email": "mary.doe@example.com"},
}  # fmt: skip


async def counted(gateway: Gateway, name: str) -> dict[tuple[str, ...], float]:
    """The series of a counter by the values of its labels."""
    text = (await gateway.get("/metrics")).content.decode()
    return {
        tuple(sample.labels[label] for label in sorted(sample.labels)): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == name
    }


async def test_records_are_counted_by_route_and_topic_once_they_are_safe() -> None:
    gateway = Gateway()

    await gateway.post("/v1/touchpoints", [{"visitor_id": "v-1"}, {"visitor_id": "v-2"}, {}])
    await gateway.post(BATCH, [EVENT, ORDER])
    await gateway.post("/v1/touchpoints", {})

    assert await counted(gateway, "attributary_taken_records_total") == {
        ("/v1/touchpoints", "touchpoints.v1"): 2,
        (BATCH, "pixel_events.v1"): 1,
        (BATCH, "orders.v1"): 1,
    }


async def test_the_average_quality_is_the_points_over_the_records() -> None:
    gateway = Gateway()

    answer = (await gateway.post(BATCH, [EVENT, ORDER])).json
    await gateway.post("/v1/touchpoints", {"visitor_id": "v-1"})
    scores = [receipt["data_quality_score"] for receipt in answer["receipts"]]

    points = await counted(gateway, "attributary_quality_points_total")
    assert points == {(BATCH,): pytest.approx(sum(scores))}


async def test_a_line_for_every_request_is_written_only_where_it_is_wanted(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def lines(gateway: Gateway) -> list[str]:
        caplog.clear()
        with caplog.at_level(logging.INFO, "processors.gateway"):
            await gateway.post(STREAM, ORDER)
            await gateway.post(BATCH, [EVENT, {}])
            await gateway.post("/v1/events", EVENT)
            await gateway.post("/v1/touchpoints", {"visitor_id": "v-1"})
            await gateway.post("/v1/events", {})
        return [record.message for record in caplog.records]

    assert await lines(Gateway()) == []
    told = await lines(Gateway(log_events=True))
    assert told == ["Event streamed", "Batch processed", "Pixel event recorded"]
    assert "mary.doe" not in caplog.text
