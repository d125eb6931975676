"""What becomes of deliveries that counted as sent."""

from typing import Any

import pytest

from processors.fanout.handle import Turn, Waiting, batches
from processors.fanout.late import PARTS, Overturned, next_ms, overturned
from processors.fanout.settings import FanoutSettings
from processors.platforms.base import Heard, LaterVerdict
from tests.unit.fanout.deliveries import NOW, delivery, waiting

SETTINGS = FanoutSettings()
HOUR = 3_600_000
DAY = 24 * HOUR


def rows(n: int) -> list[Waiting]:
    return [waiting(one=delivery(f"e{place}")) for place in range(n)]


def told(
    some: list[Waiting], verdict: LaterVerdict, *, window_ms: int | None = 90 * DAY, **heard: Any
) -> list[Overturned]:
    return overturned(
        some,
        Heard(verdict, "why", **heard),
        receipt="r",
        now_ms=NOW,
        settings=SETTINGS,
        window=lambda _: window_ms,
    )


@pytest.mark.parametrize("verdict", ["sent", "pending"])
def test_what_is_taken_or_not_judged_yet_stays_as_it_is(verdict: LaterVerdict) -> None:
    assert told(rows(2), verdict) == []


@pytest.mark.parametrize(
    ("verdict", "state"),
    [("rejected", "rejected"), ("retry", "queued"), ("reauth", "parked"), ("unknown", "queued")],
)
def test_a_verdict_on_all_is_the_verdict_on_each(verdict: LaterVerdict, state: str) -> None:
    found = told(rows(3), verdict)
    assert [(one.settlement.state, one.settlement.error, one.apart) for one in found] == [
        (state, "why", "")
    ] * 3


def test_a_request_in_part_refused_is_told_again_in_parts_until_one_stands_alone() -> None:
    bad, requests, rounds = "e1234", 0, 0
    left = rows(2_000)
    while len(left) > 1:
        rounds += 1
        found = told(left, "mixed")
        assert {one.settlement.state for one in found} == {"queued"}
        assert {one.settlement.next_attempt_ms for one in found} == {NOW}
        again = [
            Waiting(
                one.settlement.row.delivery, 1, NOW, one.settlement.deadline_ms, apart=one.apart
            )
            for one in found
        ]
        chosen = batches(again, [Turn("acme", 64)], group=lambda _: "g", batch_limit=2_000, most=64)
        assert len(chosen) <= PARTS
        assert sorted(row.key for batch in chosen for row in batch.rows) == sorted(
            row.key for row in left
        ), "nothing is lost on the way"
        requests += len(chosen)
        (left,) = [
            list(batch.rows)
            for batch in chosen
            if bad in {row.delivery.event_id for row in batch.rows}
        ]
    assert [row.delivery.event_id for row in left] == [bad]
    assert (rounds, requests) == (3, 40)


def test_what_may_have_been_taken_is_told_again_only_while_the_platform_absorbs_it() -> None:
    (row,) = rows(1)
    safe = told([row], "mixed", window_ms=3 * HOUR)[0].settlement
    assert (safe.state, safe.deadline_ms) == (
        "queued",
        min(row.deadline_ms, NOW + 3 * HOUR - 600_000),
    )
    for verdict in ("mixed", "unknown"):
        assert told([row], verdict, window_ms=None)[0].settlement.state == "unknown"
    assert told([row], "retry", window_ms=None)[0].settlement.state == "queued"


def test_questions_come_at_growing_intervals_and_end() -> None:
    at, asked, waits = 0, 0, []
    while (then := next_ms(asked, sent_ms=0, now_ms=at, settings=SETTINGS)) is not None:
        waits.append((then - at) / HOUR)
        at, asked = then, asked + 1
    assert waits[:7] == [0.5, 1, 2, 4, 8, 16, 24]
    assert max(waits) == 24
    assert 7 * DAY <= at < 8 * DAY
