"""One snapshot a moment, with what had been seen by then and whether the sale came next."""

from collections import Counter

import numpy as np
import pytest

from processors.domain.attribution.learning import TrainingJourneys
from processors.domain.attribution.learning.examples import examples, merged
from processors.domain.attribution.learning.features import Features
from processors.domain.attribution.learning.journeys import MOST_TOUCHES, sequences
from processors.domain.attribution.learning.snapshots import snapshots

from .rows import DAY, journeys, shuffled

Told = tuple[tuple[tuple[str, int, int], ...], bool]


def told(given: TrainingJourneys, days: tuple[int, ...] = (1, 7)) -> list[Told]:
    """Each snapshot as its cells (channel, bucket, touches) and whether the sale followed."""
    found, shape = sequences(given), all_channels(given, days)
    out = []
    for some in snapshots(found, shape):
        for n, sold in enumerate(some.sold.tolist()):
            own = some.of == n
            cells = [
                (shape.channels[cell // shape.buckets], cell % shape.buckets, count)
                for cell, count in zip(
                    some.cell[own].tolist(), some.count[own].tolist(), strict=True
                )
            ]
            out.append((tuple(cells), sold))
    return out


def all_channels(given: TrainingJourneys, days: tuple[int, ...] = (1, 7)) -> Features:
    names = tuple(sorted(given.channels))
    return Features(names, np.arange(len(names)), recency_days=days, saturation=2)


def test_a_buyer_says_no_after_each_touch_but_the_last() -> None:
    assert told(journeys("a b:3 a !")) == [
        ((("a", 0, 1),), False),
        ((("a", 1, 1), ("b", 0, 1)), False),
        ((("a", 0, 1), ("a", 1, 1), ("b", 0, 1)), True),
    ]


def test_one_who_does_not_buy_is_looked_at_in_the_same_moments() -> None:
    assert [cells for cells, _ in told(journeys("a b:3 a"))] == [
        cells for cells, _ in told(journeys("a b:3 a !"))
    ]
    assert not any(sold for _, sold in told(journeys("a b:3 a")))


def test_touches_of_one_moment_are_one_snapshot() -> None:
    both = ((("a", 0, 1), ("b", 0, 1)), True)
    assert told(journeys("a b:0 !")) == told(journeys("b a:0 !")) == [both]


def test_the_last_period_of_one_who_may_still_buy_is_left_out() -> None:
    early = journeys("a b", after_ms=DAY - 1)
    assert [cells for cells, _ in told(early)] == [(("a", 0, 1),)]
    assert len(told(journeys("a b", after_ms=DAY))) == 2


def test_the_edge_of_a_bucket_belongs_to_the_younger_one() -> None:
    assert told(journeys("a b:7 !"))[-1][0] == (("a", 1, 1), ("b", 0, 1))
    later = journeys("a b:7.0000001 !")
    assert told(later)[-1][0] == (("a", 2, 1), ("b", 0, 1))


LINES = ("a b:3 a !", "a b:3 a", "c", "c", "a a a a !", "b a:9 c:2", "c !")


def test_examples_count_distinct_saturated_vectors() -> None:
    given = journeys(*LINES)
    found, shape = sequences(given), all_channels(given)
    want: Counter[tuple[tuple[str, int, int], ...]] = Counter()
    sold: Counter[tuple[tuple[str, int, int], ...]] = Counter()
    for cells, yes in told(given):
        vector = tuple((name, bucket, min(count, 2)) for name, bucket, count in cells)
        want[vector] += 1
        sold[vector] += yes
    kept = examples(found, shape)
    got = {
        tuple(
            (shape.channels[cell // 3], cell % 3, int(row[cell]))
            for cell in np.flatnonzero(row).tolist()
        ): (int(seen.sum()), int(yes.sum()))
        for row, seen, yes in zip(kept.counts, kept.seen, kept.sold, strict=True)
    }
    assert got == {vector: (want[vector], sold[vector]) for vector in want}


@pytest.mark.parametrize("cut", range(1, len(LINES)))
def test_examples_of_two_sets_of_journeys_add_up_to_those_of_both(cut: int) -> None:
    given = journeys(*LINES)
    shape = all_channels(given)
    first = given.journey < cut
    parts = [
        examples(
            sequences(
                TrainingJourneys(
                    given.channels,
                    given.journey[own],
                    given.channel[own],
                    given.age_ms[own],
                    given.converted[own],
                )
            ),
            shape,
        )
        for own in (first, ~first)
    ]
    whole, both = examples(sequences(given), shape), merged(parts)
    assert whole.fingerprint == both.fingerprint
    assert (whole.counts == both.counts).all()


@pytest.mark.parametrize("seed", range(4))
def test_the_order_of_rows_and_the_codes_of_channels_do_not_matter(seed: int) -> None:
    given = journeys(*LINES, "a b:0 c:0 !", "c b:0 a:0")
    turned = shuffled(given, seed)
    shape = all_channels(given)
    one, other = (examples(sequences(rows), shape) for rows in (given, turned))
    assert one.fingerprint == other.fingerprint


def test_of_a_robots_journey_only_the_newest_touches_count() -> None:
    long, short = "first " + "a " * (MOST_TOUCHES - 1) + "a !", "first " + "a " * (MOST_TOUCHES - 1)
    found = sequences(journeys(long, short, "a !"))
    assert np.bincount(found.owner).tolist() == [MOST_TOUCHES, MOST_TOUCHES, 1]
    assert [found.channels[code] for code in found.channel[found.first]] == ["a", "first", "a"]
    assert found.converted.tolist() == [True, False, True]


@pytest.mark.parametrize(
    ("column", "wrong", "named"),
    [
        ("age_ms", [-1, 0], "age_ms"),
        ("channel", [0, 1], "code"),
        ("converted", [True], "length"),
    ],
)
def test_columns_that_make_no_sense_are_refused(column: str, wrong: list[int], named: str) -> None:
    columns = {
        "channels": ("a",),
        "journey": np.zeros(2, dtype=np.int64),
        "channel": np.zeros(2, dtype=np.int64),
        "age_ms": np.zeros(2, dtype=np.int64),
        "converted": np.zeros(2, dtype=np.bool_),
    }
    with pytest.raises(ValueError, match=named):
        TrainingJourneys(**{**columns, column: np.array(wrong)})  # type: ignore[arg-type]
