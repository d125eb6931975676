"""The state machines between a queue and a platform, on a clock of the test's own."""

from hypothesis import given
from hypothesis import strategies as st

from processors.platforms.resilience import Circuit, CircuitBreaker, TokenBucket, backoff_seconds


def test_a_bucket_gives_its_capacity_at_once_and_then_its_rate() -> None:
    bucket = TokenBucket(capacity=100, per_second=10)
    assert sum(bucket.take(0) for _ in range(150)) == 100
    assert bucket.available(99) == 0
    assert bucket.available(100) == 1
    assert sum(bucket.take(1_000) for _ in range(20)) == 10
    assert bucket.available(1_000_000) == 100


def test_a_bucket_that_is_told_of_others_gives_what_they_left_and_the_rate_from_then_on() -> None:
    bucket = TokenBucket(capacity=100, per_second=10)
    bucket.adopt(0.5, 1_000)
    assert bucket.available(1_049) == 0
    assert bucket.available(1_050) == 1
    bucket.adopt(-1, 2_000)
    assert bucket.available(2_199) == 0
    assert bucket.available(2_200) == 1


def test_a_clock_that_jumps_back_gives_no_tokens() -> None:
    bucket = TokenBucket(capacity=1, per_second=10)
    assert bucket.take(1_000)
    assert not bucket.take(0)
    assert not bucket.take(1_050)


@given(st.lists(st.integers(0, 5_000), max_size=200))
def test_no_pattern_of_asking_gets_more_than_capacity_and_rate(gaps: list[int]) -> None:
    bucket = TokenBucket(capacity=5, per_second=10)
    now_ms = granted = 0
    for gap in gaps:
        now_ms += gap
        granted += bucket.take(now_ms)
    assert granted <= 5 + now_ms / 100 + 1e-6


def test_five_failures_in_a_row_open_the_circuit_and_a_success_between_does_not() -> None:
    breaker = CircuitBreaker(threshold=5, recovery_ms=60_000)
    for _ in range(4):
        assert not breaker.failed(0)
    breaker.succeeded()
    assert [breaker.failed(0) for _ in range(5)] == [False] * 4 + [True]
    assert breaker.state(59_999) == "open"
    assert breaker.room(59_999) == 0


def test_one_probe_passes_and_its_success_closes_the_circuit() -> None:
    breaker = CircuitBreaker(threshold=1, recovery_ms=1_000)
    assert breaker.failed(0)
    assert breaker.room(1_000) == 1
    breaker.started(1_000)
    assert breaker.room(1_000) == 0
    breaker.succeeded()
    assert breaker.room(1_000) is None


def test_a_failed_probe_opens_it_for_twice_as_long_up_to_sixteen_times() -> None:
    breaker = CircuitBreaker(threshold=1, recovery_ms=1_000)
    now_ms, rests = 0, []
    for _ in range(7):
        breaker.failed(now_ms)
        start = now_ms
        while breaker.state(now_ms) == "open":
            now_ms += 500
        rests.append(now_ms - start)
        breaker.started(now_ms)
    assert rests == [1_000, 2_000, 4_000, 8_000, 16_000, 16_000, 16_000]


def test_a_probe_that_is_only_throttled_leaves_room_for_another() -> None:
    breaker = CircuitBreaker(threshold=1, recovery_ms=1_000)
    breaker.failed(0)
    breaker.started(1_000)
    breaker.answered()
    assert breaker.room(1_000) == 1


def test_failures_of_requests_from_before_do_not_open_it_again() -> None:
    breaker = CircuitBreaker(threshold=1, recovery_ms=1_000)
    assert breaker.failed(0)
    assert not breaker.failed(10)
    assert breaker.state(1_000) == "half_open"


def test_a_breaker_goes_on_from_what_others_saw() -> None:
    breaker, other = CircuitBreaker(threshold=3), CircuitBreaker(threshold=3)
    breaker.failed(0)
    breaker.failed(0)
    other.adopt(breaker.circuit)
    assert other.failed(5)
    assert other.circuit == Circuit(3, 1, 60_005)
    breaker.adopt(other.circuit)
    assert breaker.room(60_004) == 0
    assert breaker.room(60_005) == 1
    breaker.adopt(Circuit())
    assert breaker.room(5) is None


def test_three_quick_retries_then_ever_longer_rests_up_to_a_limit() -> None:
    rests = [backoff_seconds(n, first_seconds=30, max_seconds=3_600) for n in range(1, 14)]
    assert rests[:6] == [1, 2, 4, 30, 60, 120]
    assert rests[-1] == 3_600
    assert backoff_seconds(10_000, first_seconds=30, max_seconds=3_600) == 3_600
