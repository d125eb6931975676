"""How soon a replica runs its next batch."""

import asyncio
from time import monotonic

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.engine.pace import SHARE, Pace, until
from processors.engine.pulse import Pulse

PACE = Pace(full=100, rest_max_seconds=0.2)


@given(st.integers(100, 10_000), st.floats(0, 10), st.integers(0, 10_000))
def test_a_full_batch_is_followed_at_once(records: int, seconds: float, behind: int) -> None:
    assert PACE.rest(records, seconds, behind=behind) == 0


@given(st.integers(1, 99), st.floats(0, 10), st.integers(100, 10_000))
def test_nor_does_a_replica_rest_while_a_full_batch_waits(
    records: int, seconds: float, behind: int
) -> None:
    assert PACE.rest(records, seconds, behind=behind) == 0


@given(st.integers(1, 99), st.floats(0, 10), st.integers(0, 99))
def test_else_it_rests_in_proportion_to_the_batch_and_never_longer_than_allowed(
    records: int, seconds: float, behind: int
) -> None:
    rest = PACE.rest(records, seconds, behind=behind)
    assert rest == min(SHARE * seconds, 0.2)
    assert Pace(full=100, rest_max_seconds=0).rest(records, seconds, behind=behind) == 0


@given(st.integers(1, 99), st.floats(0, 10), st.integers(1, 64))
def test_replicas_that_share_a_topic_run_together_as_often_as_one_does(
    records: int, seconds: float, replicas: int
) -> None:
    alone = PACE.rest(records, seconds)
    assert PACE.rest(records, seconds, share=1 / replicas) == pytest.approx(alone * replicas)


def test_a_replica_knows_its_share_once_it_has_partitions_and_has_seen_how_many_there_are() -> None:
    pulse = Pulse(assigned=frozenset({("orders.v1", 0), ("orders.v1", 2)}))
    assert pulse.share == 1
    pulse.of = 8
    assert pulse.share == 0.25
    pulse.assigned = frozenset()
    assert pulse.share == 1


async def test_a_rest_ends_when_the_process_is_told_to_stop() -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().call_later(0.05, stop.set)
    started = monotonic()
    await until(stop, 30)
    assert monotonic() - started < 10
