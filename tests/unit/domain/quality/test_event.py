"""The quality of an event: what it lacks, what each lack costs, and what is worth putting right."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.domain.quality.event import POINTS, analyse, score
from tests.unit.domain.quality.test_match import COMPLETE

NOW = 1_790_000_000_000
GOOD: dict[str, Any] = {
    "event_name": "Purchase", "event_id": "e-1", "event_time": NOW // 1000 - 60,
    "event_source_url": "https://shop.example/thanks", "user_data": COMPLETE,
    "custom_data": {"value": 129.9, "currency": "usd"}, "consent": {"ad_storage": "granted"},
}  # fmt: skip


def without(*names: str) -> dict[str, Any]:
    return {name: value for name, value in GOOD.items() if name not in names}


def findings(item: dict[str, Any]) -> dict[str, float]:
    found = analyse(item, received_at=NOW).findings
    return {finding.field: finding.gain for finding in found}


def test_a_complete_event_has_all_the_points_and_no_findings() -> None:
    found = analyse(GOOD, received_at=NOW)
    assert (found.score, found.match_quality_score, found.findings) == (100.0, 10.0, ())
    assert sum(POINTS.values()) == 100


@pytest.mark.parametrize(
    ("item", "field", "gain"),
    [
        (without("event_id"), "event_id", 10),
        (without("consent"), "consent", 5),
        ({**GOOD, "consent": {"ad_storage": None}}, "consent", 5),
        (without("event_source_url"), "event_source_url", 5),
        ({**GOOD, "event_source_url": "/thanks"}, "event_source_url", 5),
        ({**GOOD, "custom_data": {"currency": "USD"}}, "value", 5),
        ({**GOOD, "custom_data": {"value": "much", "currency": "USD"}}, "value", 5),
        ({**GOOD, "custom_data": {"value": -1, "currency": "USD"}}, "value", 5),
        ({**GOOD, "custom_data": {"value": 1}}, "currency", 5),
        ({**GOOD, "custom_data": {"value": 1, "currency": "XQX"}}, "currency", 5),
        ({**GOOD, "event_time": NOW // 1000 - 7_200}, "event_time", 3),
        ({**GOOD, "event_time": NOW // 1000 - 3 * 86_400}, "event_time", 6),
        ({**GOOD, "event_time": NOW // 1000 - 8 * 86_400}, "event_time", 10),
        ({**GOOD, "event_time": NOW // 1000 + 3_600}, "event_time", 10),
        ({**GOOD, "event_time": "noon"}, "event_time", 10),
    ],
)
def test_what_is_missing_or_wrong_is_named_with_what_it_costs(
    item: dict[str, Any], field: str, gain: float
) -> None:
    found = analyse(item, received_at=NOW)
    (finding,) = found.findings
    assert finding.field == field
    assert finding.gain == pytest.approx(gain)
    assert found.score == pytest.approx(100 - gain)
    assert finding.severity == ("high" if gain >= 5 else "medium")


def test_only_what_is_worth_something_is_asked_for_its_value() -> None:
    assert findings({**without("custom_data"), "event_name": "ViewContent"}) == {}
    assert findings(without("custom_data")).keys() == {"value", "currency"}


def test_an_event_without_a_time_of_its_own_is_of_now() -> None:
    assert findings(without("event_time")) == {}


def test_findings_come_greatest_gain_first_and_say_of_a_bad_value_what_it_is() -> None:
    bad = {**GOOD, "user_data": {"email": "broken", "fn": "Mary"}}
    found = analyse(bad, received_at=NOW).findings
    gains = [finding.gain for finding in found]
    assert gains == sorted(gains, reverse=True)
    assert (found[0].field, found[0].problem) == ("user_data.email", "is no address")
    assert "broken" not in repr(found)


def test_putting_one_finding_right_brings_its_gain() -> None:
    poor = {**GOOD, "user_data": {"phone": "+14155551234"}}
    better = {**GOOD, "user_data": {"phone": "+14155551234", "email": "a@example.com"}}
    gain = findings(poor)["user_data.email"]
    assert score(better, received_at=NOW) - score(poor, received_at=NOW) == pytest.approx(
        gain, abs=0.11
    )


_odd: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, 0, -1, 10**18, 1e300, float("nan"), "", "x", "null", "\ud800", [], [[]], [None],
     [{}], {}, {"a": {}}, "2026-01-01", "a@b.example", "1" * 700]
)  # fmt: skip
_names = st.sampled_from([*GOOD, *COMPLETE, "identifiers", "parameters", "value", "currency"])


@given(st.dictionaries(_names, _odd | st.dictionaries(_names, _odd, max_size=6), max_size=8))
def test_any_item_has_a_score_and_it_is_the_analysis_s_own(item: dict[str, Any]) -> None:
    found = analyse(item, received_at=NOW)
    assert 0 <= found.score <= 100
    assert found.score == score(item, received_at=NOW)
