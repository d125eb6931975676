"""The event match quality: five drivers, their weights, limits and bands."""

import pytest

from processors.domain.quality import emq

SAMPLE = {
    "Event Match Rate": 92.5,
    "Pixel Coverage": 88.0,
    "Conversion Latency": 78.5,
    "Attribution Accuracy": 85.0,
    "Data Freshness": 95.0,
}


def test_the_sample_is_the_weighted_sum_of_its_drivers() -> None:
    rows = emq.drivers(SAMPLE)
    assert [(row.weight, row.status) for row in rows] == [
        (0.30, "good"), (0.25, "good"), (0.20, "warning"), (0.15, "good"), (0.10, "good"),
    ]  # fmt: skip
    assert [row.name for row in rows] == list(SAMPLE)
    assert emq.calculate(rows) == 87.7


def test_what_could_not_be_measured_is_left_out_with_its_weight() -> None:
    rows = emq.drivers({**SAMPLE, "Attribution Accuracy": None})
    assert (rows[3].value, rows[3].status) == (None, None)
    assert emq.calculate(rows) == round((87.7 - 0.15 * 85) / 0.85, 2)
    assert emq.calculate(emq.drivers({})) is None


@pytest.mark.parametrize(
    ("name", "value", "status"),
    [
        ("Event Match Rate", 90, "good"),
        ("Event Match Rate", 89.5, "warning"),
        ("Event Match Rate", 70, "warning"),
        ("Event Match Rate", 69.99, "critical"),
        ("Pixel Coverage", 85, "good"),
        ("Pixel Coverage", 84.9, "warning"),
        ("Pixel Coverage", 64.9, "critical"),
        ("Attribution Accuracy", 85, "good"),
        ("Attribution Accuracy", 70, "warning"),
        ("Attribution Accuracy", 69.9, "critical"),
    ],
)
def test_the_bands_of_a_share_leave_no_gap(name: str, value: float, status: str) -> None:
    assert emq.status(name, value) == status


@pytest.mark.parametrize(
    ("name", "hours", "value", "status"),
    [
        ("Conversion Latency", 0, 100, "good"),
        ("Conversion Latency", 0.5, 90, "good"),
        ("Conversion Latency", 1, 80, "warning"),
        ("Conversion Latency", 2.5, 65, "warning"),
        ("Conversion Latency", 4, 50, "warning"),
        ("Conversion Latency", 14, 25, "critical"),
        ("Conversion Latency", 24, 0, "critical"),
        ("Conversion Latency", 900, 0, "critical"),
        ("Data Freshness", 0.25, 95, "good"),
        ("Data Freshness", 1, 80, "warning"),
        ("Data Freshness", 6, 50, "warning"),
        ("Data Freshness", 6.01, 50 - 50 * 0.01 / 18, "critical"),
        ("Data Freshness", -1, 100, "good"),
    ],
)
def test_hours_are_worth_less_the_more_they_are(
    name: str, hours: float, value: float, status: str
) -> None:
    found = emq.of_hours(name, hours)
    assert found == pytest.approx(value)
    assert emq.status(name, found) == status


@pytest.mark.parametrize(
    ("score", "band", "standing"),
    [
        (80, "reliable", "good"), (79.99, "directional", "warning"), (60, "directional", "warning"),
        (59.99, "unsafe", "warning"), (40, "unsafe", "warning"), (39.99, "critical", "critical"),
        (0, "critical", "critical"),
    ],
)  # fmt: skip
def test_the_score_has_a_band_of_confidence_and_a_status(
    score: float, band: str, standing: str
) -> None:
    assert (emq.band(score), emq.standing(score)) == (band, standing)


def test_platforms_are_pooled_by_their_events_and_one_without_the_driver_does_not_count() -> None:
    found = emq.pooled(
        [
            (300, {"Event Match Rate": 100.0, "Pixel Coverage": None}),
            (100, {"Event Match Rate": 60.0, "Pixel Coverage": 50.0}),
        ]
    )
    assert found["Event Match Rate"] == 90
    assert found["Pixel Coverage"] == 50
    assert found["Data Freshness"] is None
