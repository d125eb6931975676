"""How soon a replica runs its next batch."""

import asyncio
from time import monotonic

from hypothesis import given
from hypothesis import strategies as st

from processors.engine.pace import SHARE, Pace, until

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


async def test_a_rest_ends_when_the_process_is_told_to_stop() -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().call_later(0.05, stop.set)
    started = monotonic()
    await until(stop, 30)
    assert monotonic() - started < 10
