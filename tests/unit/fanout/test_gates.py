"""A gate for each tenant: what one learns, no other feels."""

import pytest

from processors.engine.metrics import Metrics
from processors.fanout.gates import Gates
from processors.fanout.settings import FanoutSettings
from processors.fanout.standing import Opening, Permit, Report, Standing
from processors.platforms.base import Account, Answer, Result, Verdict
from processors.platforms.resilience import Circuit


def answer(verdict: Verdict, pause_seconds: float = 0.0) -> Answer:
    return Answer((Result(verdict),), 200, 1, "", pause_seconds=pause_seconds)


def series(metrics: Metrics, name: str) -> float:
    """The value of the platform's series."""
    (line,) = (
        line for line in metrics.render().decode().splitlines()
        if line.startswith(f'{name}{{platform="meta"}}')
    )  # fmt: skip
    return float(line.split()[-1])


def waited(metrics: Metrics) -> float:
    """Seconds of waiting for the rate limit, together."""
    return series(metrics, "attributary_rate_limit_wait_seconds_sum")


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
def gates(metrics: Metrics) -> Gates:
    settings = FanoutSettings(in_flight_per_tenant=2, bucket_capacity=3, bucket_per_second=1)
    return Gates("meta", settings, metrics)


def test_requests_under_way_are_limited_for_each_tenant(gates: Gates) -> None:
    for _ in range(2):
        gates.start("a", now_ms=0)
    assert gates.room("a", now_ms=0) == 0
    assert gates.room("b", now_ms=0) == 2
    gates.end("a")
    assert gates.room("a", now_ms=0) == 1


def test_an_empty_bucket_waits_for_its_rate_and_the_wait_is_told_and_measured(
    gates: Gates, metrics: Metrics, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(3):
        gates.start("a", now_ms=0)
        gates.end("a")
    with caplog.at_level("DEBUG"):
        assert gates.room("a", now_ms=0) == 0
        assert gates.room("a", now_ms=500) == 0
    assert caplog.messages == ["Rate limit wait"]
    assert gates.room("a", now_ms=2_000) == 2
    assert waited(metrics) == 2.0


def test_a_further_request_that_has_to_wait_is_told_and_measured_too(
    gates: Gates, metrics: Metrics, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("DEBUG"):
        gates.again(0)
        gates.again(1_000)
    assert caplog.messages == ["Rate limit wait"]
    assert waited(metrics) == 1.0


def test_a_pause_holds_one_tenant_alone(gates: Gates) -> None:
    gates.learn("a", answer("throttled", 5), now_ms=0)
    assert gates.room("a", now_ms=4_999) == 0
    assert gates.room("a", now_ms=5_000) == 2
    assert gates.room("b", now_ms=0) == 2


def test_failures_open_the_circuit_of_one_tenant_alone(
    gates: Gates, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(5):
        gates.learn("a", answer("retry"), now_ms=0)
    assert gates.room("a", now_ms=59_999) == 0
    assert gates.room("b", now_ms=0) == 2
    assert gates.room("a", now_ms=60_000) == 1
    assert caplog.messages == ["Circuit OPEN for meta"]


def test_refused_credentials_stop_a_tenant_until_they_change(gates: Gates) -> None:
    old, new = Account("a", "px", {"access_token": "1"}), Account("a", "px", {"access_token": "2"})
    gates.know({"a": old}, now_ms=0)
    gates.learn("a", answer("reauth"), now_ms=0)
    gates.know({"a": old}, now_ms=0)
    assert gates.room("a", now_ms=1) == 0
    gates.know({"a": new}, now_ms=1)
    assert gates.room("a", now_ms=1) == 2


def test_a_refusal_of_an_event_is_no_failure_of_the_platform(gates: Gates) -> None:
    for _ in range(9):
        gates.learn("a", answer("rejected"), now_ms=0)
    assert gates.room("a", now_ms=0) == 2


def test_what_was_never_sent_tells_nothing_of_the_platform(gates: Gates) -> None:
    gates.learn("a", answer("reauth"), now_ms=0)
    gates.learn("a", answer("unwanted"), now_ms=0)
    assert gates.room("a", now_ms=0) == 0


def test_an_opening_is_noted_until_its_probe_and_shortened_when_it_closes_before(
    gates: Gates,
) -> None:
    for _ in range(5):
        gates.learn("a", answer("retry"), now_ms=1_000)
    noted = gates.openings()
    assert noted == [Opening("a", 1_000, 61_000)]
    gates.written(noted)
    assert gates.openings() == []
    gates.learn("a", answer("sent"), now_ms=4_000)
    assert gates.openings() == [Opening("a", 1_000, 4_000)]
    gates.written(gates.openings())
    gates.learn("a", answer("sent"), now_ms=5_000)
    assert gates.openings() == []


def test_a_failed_probe_is_an_opening_of_its_own(gates: Gates) -> None:
    for now_ms in (0, 0, 0, 0, 0, 60_000):
        gates.learn("a", answer("retry"), now_ms=now_ms)
    gates.learn("a", answer("sent"), now_ms=180_000)
    assert gates.openings() == [Opening("a", 0, 60_000), Opening("a", 60_000, 180_000)]


def test_what_changed_while_it_was_written_is_written_again(gates: Gates) -> None:
    gates.learn("a", answer("reauth"), now_ms=0)
    noted = gates.openings()
    gates.learn("a", answer("sent"), now_ms=7)
    gates.written(noted)
    assert gates.openings() == [Opening("a", 0, 7)]


def test_new_credentials_close_the_circuit_and_are_counted_at_once(
    gates: Gates, metrics: Metrics
) -> None:
    gates.know({"a": Account("a", "px", {"access_token": "1"})}, now_ms=0)
    gates.learn("a", answer("reauth"), now_ms=0)
    assert series(metrics, "attributary_open_circuits") == 1
    gates.know({"a": Account("a", "px", {"access_token": "2"})}, now_ms=5)
    assert series(metrics, "attributary_open_circuits") == 0
    assert gates.openings() == [Opening("a", 0, 5)]


OPEN = Standing("a", Circuit(5, 1, 60_000), 0)


def test_what_another_replica_opened_stops_this_one_and_what_it_closed_does_not(
    gates: Gates, metrics: Metrics
) -> None:
    gates.refresh([OPEN], now_ms=0)
    assert gates.room("a", now_ms=59_999) == 0
    assert gates.room("b", now_ms=0) == 2
    assert series(metrics, "attributary_open_circuits") == 1
    assert gates.openings() == []
    assert gates.reports() == []
    gates.refresh([], now_ms=1)
    assert gates.room("a", now_ms=1) == 2
    assert series(metrics, "attributary_open_circuits") == 0


def test_what_is_still_to_be_reported_is_newer_than_what_others_know(gates: Gates) -> None:
    gates.refresh([OPEN], now_ms=0)
    gates.learn("a", answer("sent"), now_ms=1)
    gates.refresh([OPEN], now_ms=2)
    assert gates.room("a", now_ms=2) == 2
    assert gates.reports() == [Report("a", is_closed=True)]
    assert gates.openings() == []


def test_reports_are_offered_until_they_are_written_and_what_came_since_is_the_next(
    gates: Gates,
) -> None:
    for _ in range(5):
        gates.learn("a", answer("retry"), now_ms=0)
    first = [Report("a", is_answered=True, failures=5, trips=1, open_until_ms=60_000)]
    assert gates.reports() == first
    gates.learn("a", answer("throttled", 2), now_ms=100)
    assert gates.reports() == first
    gates.reported()
    assert gates.reports() == [Report("a", paused_until_ms=2_100)]
    gates.reported()
    assert gates.reports() == []


def test_a_healthy_tenant_has_nothing_to_report(gates: Gates) -> None:
    gates.start("a", now_ms=0)
    gates.learn("a", answer("sent"), now_ms=1)
    assert gates.reports() == []


def test_new_credentials_lift_a_pause_for_all(gates: Gates) -> None:
    gates.know({"a": Account("a", "px", {"access_token": "1"})}, now_ms=0)
    gates.refresh([Standing("a", OPEN.circuit, 9_000)], now_ms=0)
    gates.know({"a": Account("a", "px", {"access_token": "2"})}, now_ms=5)
    assert gates.room("a", now_ms=5) == 2
    assert gates.reports() == [Report("a", is_closed=True, is_fresh=True)]


def test_the_probe_of_another_replica_is_waited_for(gates: Gates) -> None:
    gates.permitted([Permit(OPEN, 0, 3.0, probed_until_ms=63_000)], now_ms=60_000)
    assert gates.room("a", now_ms=62_999) == 0
    assert gates.room("a", now_ms=63_000) == 1
    gates.permitted([Permit(OPEN, 0, 3.0, probed_until_ms=66_000)], now_ms=63_000)
    gates.refresh([], now_ms=63_001)
    assert gates.room("a", now_ms=63_001) == 2


def test_a_probe_that_is_only_throttled_is_reported_so_that_another_may_pass(
    gates: Gates,
) -> None:
    gates.permitted([Permit(OPEN, 1, 3.0, probed_until_ms=0)], now_ms=60_000)
    gates.start("a", now_ms=60_000)
    gates.learn("a", answer("throttled"), now_ms=60_001)
    assert gates.reports() == [Report("a", is_answered=True)]


def test_tokens_that_others_took_are_not_there(gates: Gates) -> None:
    assert gates.room("a", now_ms=0) == 2
    gates.permitted([Permit(Standing("a", Circuit(), 0), 1, 0.25, 0)], now_ms=0)
    assert gates.room("a", now_ms=0) == 1
    gates.start("a", now_ms=0)
    gates.end("a")
    assert gates.room("a", now_ms=749) == 0
    assert gates.room("a", now_ms=750) == 1
