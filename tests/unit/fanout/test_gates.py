"""A gate for each tenant: what one learns, no other feels."""

import pytest

from processors.engine.metrics import Metrics
from processors.fanout.gates import Gates
from processors.fanout.settings import FanoutSettings
from processors.platforms.base import Account, Answer, Result, Verdict


def answer(verdict: Verdict, pause_seconds: float = 0.0) -> Answer:
    return Answer((Result(verdict),), 200, 1, "", pause_seconds=pause_seconds)


@pytest.fixture
def gates() -> Gates:
    settings = FanoutSettings(in_flight_per_tenant=2, bucket_capacity=3, bucket_per_second=1)
    return Gates("meta", settings, Metrics())


def test_requests_under_way_are_limited_for_each_tenant(gates: Gates) -> None:
    for _ in range(2):
        gates.start("a", now_ms=0)
    assert gates.room("a", now_ms=0) == 0
    assert gates.room("b", now_ms=0) == 2
    gates.end("a")
    assert gates.room("a", now_ms=0) == 1


def test_an_empty_bucket_waits_for_its_rate_and_the_wait_is_measured(gates: Gates) -> None:
    for _ in range(3):
        gates.start("a", now_ms=0)
        gates.end("a")
    assert gates.room("a", now_ms=0) == 0
    assert gates.room("a", now_ms=2_000) == 2


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
    gates.know({"a": old})
    gates.learn("a", answer("reauth"), now_ms=0)
    gates.know({"a": old})
    assert gates.room("a", now_ms=1) == 0
    gates.know({"a": new})
    assert gates.room("a", now_ms=1) == 2


def test_a_refusal_of_an_event_is_no_failure_of_the_platform(gates: Gates) -> None:
    for _ in range(9):
        gates.learn("a", answer("rejected"), now_ms=0)
    assert gates.room("a", now_ms=0) == 2


def test_what_was_never_sent_tells_nothing_of_the_platform(gates: Gates) -> None:
    gates.learn("a", answer("reauth"), now_ms=0)
    gates.learn("a", answer("unwanted"), now_ms=0)
    assert gates.room("a", now_ms=0) == 0
