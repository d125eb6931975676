"""A key beyond so many records a second goes round all partitions; the others stay at home."""

from collections import Counter

from processors.engine.kafka import Raw
from processors.gateway.hotkeys import HotKeys

TOUCHES = "touchpoints.v1"


def rows(key: bytes, count: int, topic: str = TOUCHES) -> list[Raw]:
    return [Raw(topic, key, b"{}", 1)] * count


def test_only_what_is_beyond_the_limit_goes_round() -> None:
    keys = HotKeys(per_second=100)

    assert keys.hot(rows(b"demo|visitor:robot", 80) + rows(b"demo|visitor:b", 80), 10.0) == []
    assert keys.hot(rows(b"demo|visitor:robot", 50), 10.5) == list(range(20, 50))


def test_a_new_second_counts_anew() -> None:
    keys = HotKeys(per_second=100)

    assert keys.hot(rows(b"demo|visitor:robot", 100), 10.0) == []
    assert keys.hot(rows(b"demo|visitor:robot", 100), 11.0) == []


def test_orders_and_commands_stay_where_their_key_belongs() -> None:
    keys = HotKeys(per_second=1)

    for topic in ("orders.v1", "commands.v1", "spend.v1"):
        assert keys.hot(rows(b"demo|x", 50, topic), 10.0) == []


def test_round_is_even_and_the_key_stays() -> None:
    keys = HotKeys(per_second=1)
    (row,) = rows(b"demo|visitor:robot", 1)

    placed = [keys.round(row, 4) for _ in range(400)]

    assert Counter(raw.partition for raw in placed) == {0: 100, 1: 100, 2: 100, 3: 100}
    assert {raw.key for raw in placed} == {b"demo|visitor:robot"}
