"""A key's rate limit."""

from processors.gateway.bucket import Bucket


def test_a_burst_is_taken_and_then_the_rate() -> None:
    bucket = Bucket(rate=10, burst=20, now=0)

    assert bucket.take(20, 0) == 0
    assert bucket.take(5, 0) == 1
    assert bucket.take(5, 0.5) == 0
    assert bucket.take(1, 0.5) == 1


def test_what_is_refused_costs_nothing() -> None:
    bucket = Bucket(rate=1, burst=10, now=0)
    bucket.take(8, 0)

    assert [bucket.take(5, 0) for _ in range(3)] == [3, 3, 3]
    assert bucket.take(2, 0) == 0


def test_it_never_holds_more_than_the_burst() -> None:
    bucket = Bucket(rate=100, burst=10, now=0)

    assert bucket.take(10, 3600) == 0
    assert bucket.take(1, 3600) == 1


def test_a_batch_beyond_the_burst_is_taken_when_full_and_paid_off_afterwards() -> None:
    bucket = Bucket(rate=10, burst=10, now=0)

    assert bucket.take(50, 0) == 0
    assert bucket.take(1, 0) == 5
    assert bucket.take(1, 4.1) == 0
    assert bucket.take(50, 4.2) == 1
