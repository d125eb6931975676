"""How many rows a round reads: all that may share a request, and no more where nothing does."""

from collections.abc import Callable

from processors.fanout.appetite import NARROW_ROUNDS, Appetite
from processors.fanout.handle import Turn, batches
from schemas.delivery import Delivery
from tests.unit.fanout.deliveries import delivery, waiting

TURNS = [Turn("a", 2)]


def each_alone(one: Delivery) -> str:
    return one.event_id


def together(_: Delivery) -> str:
    return ""


def look(appetite: Appetite, rows: int, group: Callable[[Delivery], str]) -> int:
    read = [waiting(one=delivery(f"e{n}", "a")) for n in range(rows)][: appetite.rows(TURNS)]
    appetite.learn(read, batches(read, TURNS, group=group, batch_limit=25, most=9))
    return len(read)


def test_where_nothing_shares_a_request_no_more_rows_are_read_than_requests_may_start() -> None:
    appetite = Appetite(25, at_least=4)
    seen = [look(appetite, 99, each_alone) for _ in range(NARROW_ROUNDS + 2)]
    assert seen == [25] + [2] * NARROW_ROUNDS + [25]


def test_where_events_share_a_request_as_many_are_read_as_fill_it() -> None:
    appetite = Appetite(25, at_least=4)
    assert [look(appetite, 99, together) for _ in range(3)] == [25, 25, 25]


def test_a_queue_of_one_or_none_says_nothing_of_what_is_shared() -> None:
    appetite = Appetite(25, at_least=4)
    look(appetite, 0, together)
    look(appetite, 1, together)
    assert look(appetite, 99, together) == 25


def test_a_tenant_may_have_a_row_for_each_request_of_a_platform_that_takes_one_at_a_time() -> None:
    assert Appetite(1, at_least=4).rows(TURNS) == 4
