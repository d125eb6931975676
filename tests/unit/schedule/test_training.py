"""What a training reads, and how touches are cut into journeys."""

import itertools
import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.domain.attribution.learning import TrainingJourneys
from processors.schedule.training.cutting import Chunk, Journey, cut
from processors.schedule.training.learned import learn
from processors.schedule.training.plan import DAY_MS, Plan, one_in

PLAN = Plan(
    epoch="e", since=0, until=100 * DAY_MS, one_in=1, with_views=True, lookback_days=30
)  # fmt: skip
_MOMENTS = st.integers(0, 100 * DAY_MS)


def journeys(touches: list[tuple[int, str]], orders: list[tuple[int, str]]) -> list[Journey]:
    return list(cut("visitor:v", touches, orders, PLAN))


def test_a_journey_ends_at_a_conversion_and_the_next_begins_after_it() -> None:
    touches = [(5_000, "email"), (1_000, "display"), (9_000, "direct")]
    first, second, rest = journeys(touches, [(8_000, "b"), (2_000, "a")])
    assert [j.touches for j in (first, second, rest)] == [
        [(1_000, "display")], [(5_000, "email")], [(9_000, "direct")],
    ]  # fmt: skip
    assert [j.converted for j in (first, second, rest)] == [True, True, False]
    assert [j.ended_at for j in (first, second, rest)] == [2_000, 8_000, PLAN.until]


def test_a_touch_of_the_second_of_a_conversion_counts_before_it_at_no_age() -> None:
    (journey,) = journeys([(2_900, "email")], [(2_100, "a")])
    assert journey.converted
    chunk = Chunk(after="")
    chunk.add([journey])
    assert chunk.age_ms == [0]


def test_a_conversion_beyond_the_lookback_is_not_earned() -> None:
    touched = 5 * DAY_MS
    (at_the_edge,) = journeys([(touched, "email")], [(touched + 30 * DAY_MS, "a")])
    (beyond,) = journeys([(touched, "email")], [(touched + 30 * DAY_MS + 1, "a")])
    assert (at_the_edge.converted, beyond.converted) == (True, False)
    assert (at_the_edge.ended_on, beyond.ended_on) == (35, 5)


def test_conversions_without_a_touch_make_no_journey() -> None:
    assert journeys([], [(1_000, "a")]) == []
    assert len(journeys([(500, "email")], [(1_000, "a"), (2_000, "b")])) == 1


@given(
    st.lists(st.tuples(_MOMENTS, st.sampled_from("abc")), max_size=9),
    st.lists(st.tuples(_MOMENTS, st.sampled_from("xyz")), max_size=4, unique_by=lambda o: o[1]),
    st.randoms(),
)
def test_every_touch_is_in_one_journey_whatever_the_order(
    touches: list[tuple[int, str]], orders: list[tuple[int, str]], rng: random.Random
) -> None:
    found = journeys(touches, orders)
    assert sorted(t for j in found for t in j.touches) == sorted(touches)
    assert len({j.id for j in found}) == len(found)
    assert sum(j.ended_at == PLAN.until and not j.converted for j in found) <= 1 + len(orders)
    shuffled = sorted(touches, key=lambda _: rng.random())
    assert journeys(shuffled, list(reversed(orders))) == found


def test_a_chunk_keeps_journeys_as_columns() -> None:
    chunk = Chunk(after="z")
    chunk.add(journeys([(1_000, "email"), (2_000, "direct"), (9_000, "email")], [(3_000, "a")]))
    assert (chunk.people, list(chunk.channels)) == (1, ["email", "direct"])
    assert (chunk.sizes, chunk.channel) == ([2, 1], [0, 1, 0])
    assert chunk.age_ms == [2_000, 1_000, PLAN.until - 9_000]
    assert chunk.converted == [True, False]


def test_a_plan_goes_on_from_its_own_checkpoints_and_from_fresh_ones_alone() -> None:
    text = PLAN.text()
    assert PLAN.continued(text) == PLAN
    assert replace(PLAN, since=DAY_MS, until=PLAN.until + DAY_MS).continued(text) == PLAN
    for other in (
        replace(PLAN, since=2 * DAY_MS, until=PLAN.until + 2 * DAY_MS),
        replace(PLAN, epoch="f"),
        replace(PLAN, with_views=False),
        replace(PLAN, lookback_days=31),
        replace(PLAN, since=1),
    ):
        assert other.continued(text) is None
    for unknown in ("{}", "no JSON", '{"epoch": 1, "more": 2}'):
        assert PLAN.continued(unknown) is None


@pytest.mark.parametrize(("touches", "share"), [(0, 1), (100, 1), (101, 2), (200, 2), (900, 16)])
def test_as_many_people_are_left_out_as_bring_the_touches_below_the_bound(
    touches: int, share: int
) -> None:
    assert one_in(touches, 100) == share


def test_a_greater_share_reads_everybody_that_a_smaller_one_reads() -> None:
    people = [f"visitor:{n}" for n in range(2_000)]
    read = [{p for p in people if replace(PLAN, one_in=n).reads(p)} for n in (1, 2, 4, 8)]
    assert read[0] == set(people)
    for more, less in itertools.pairwise(read):
        assert less < more
        assert 0.4 < len(less) / len(more) < 0.6


def test_transitions_of_days_add_up_and_a_removed_channel_takes_its_conversions() -> None:
    # Two days: email sells alone, display never.
    given_ = TrainingJourneys(
        channels=("email", "display"),
        journey=np.array([1, 2, 3, 3]),
        channel=np.array([0, 1, 1, 0]),
        age_ms=np.array([5, 5, 9, 5]),
        converted=np.array([True, False, True, True]),
    )
    found = learn(given_, np.array([7, 7, 8, 8]))
    assert sorted(found.transitions) == [
        (7, "(start)", "display", 1), (7, "(start)", "email", 1), (7, "display", "(null)", 1),
        (7, "email", "(conversion)", 1), (8, "(start)", "display", 1), (8, "display", "email", 1),
        (8, "email", "(conversion)", 1),
    ]  # fmt: skip
    assert found.removal is not None
    effects = {row["channel"]: row["effect"] for row in found.removal}
    assert effects["email"] == 1_000_000
    assert 0 < effects["display"] < 1_000_000
    assert (found.state, found.journeys, found.conversions) == ("insufficient_data", 3, 2)
