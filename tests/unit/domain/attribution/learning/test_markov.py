"""Removal effects against worked examples, and as what they are: additive counts, exact."""

import numpy as np
import pytest

from processors.domain.attribution.learning import TrainingJourneys
from processors.domain.attribution.learning.markov import (
    added,
    removal_effects,
    shares,
    transitions,
)

from .rows import journeys, shuffled

# Bryl', "Marketing Multi-Channel Attribution model with R (part 1)", analyzecore.com, 2016: three
# journeys, a conversion chance of 1/3, and 1/6 without C1.
BRYL = ("C1 C2 C3 !", "C1", "C2 C3")


def test_the_published_example_of_three_journeys() -> None:
    effects = removal_effects(transitions(journeys(*BRYL)))
    assert effects == pytest.approx({"C1": 0.5, "C2": 1.0, "C3": 1.0})
    assert shares(effects) == pytest.approx({"C1": 0.2, "C2": 0.4, "C3": 0.4})


def test_transitions_are_counted_from_the_start_to_the_end() -> None:
    found = transitions(journeys(*BRYL))
    assert found.channels == ("C1", "C2", "C3")
    assert found.counts.tolist() == [
        [2, 1, 0, 0, 0],
        [0, 1, 0, 0, 1],
        [0, 0, 2, 0, 0],
        [0, 0, 0, 1, 1],
    ]


def test_staying_in_a_channel_changes_no_effect() -> None:
    stayed = removal_effects(transitions(journeys("C1 C2 C2 C2 C3 !", "C1", "C2 C3")))
    assert stayed == pytest.approx(removal_effects(transitions(journeys(*BRYL))))


def test_a_loop_is_solved_by_hand() -> None:
    """a -> b always; b -> a, to the sale, or away in 1, 1 and 2 of 4: the chance is 1/3, and
    without either nobody buys."""
    found = transitions(journeys("a b a b !", "a b", "a b"))
    assert found.counts.tolist() == [[3, 0, 0, 0], [0, 4, 0, 0], [1, 0, 1, 2]]
    assert removal_effects(found) == {"a": 1.0, "b": 1.0}


def test_a_channel_beside_the_way_to_the_sale_has_the_part_that_it_brings() -> None:
    """Half of all come by a, half by b; 1 of 2 buys after a and 1 of 4 after b."""
    found = removal_effects(transitions(journeys("a !", "a !", "a", "a", "b !", "b", "b", "b")))
    assert found == pytest.approx({"a": 2 / 3, "b": 1 / 3})


def test_counts_of_two_days_add_up_to_those_of_both() -> None:
    one, other = ("a b !", "b"), ("c a !", "c", "a a b !")
    both = transitions(journeys(*one, *other))
    told = added([transitions(journeys(*one)), transitions(journeys(*other))])
    assert told.channels == both.channels
    assert (told.counts == both.counts).all()


def test_without_conversions_or_journeys_there_is_no_effect() -> None:
    assert removal_effects(transitions(journeys("a b", "b"))) == {"a": 0.0, "b": 0.0}
    empty = np.zeros(0, dtype=np.int64)
    nobody = TrainingJourneys(("a",), empty, empty, empty, empty.astype(np.bool_))
    assert removal_effects(transitions(nobody)) == {"a": 0.0}
    assert shares({"a": 0.0}) == {"a": 0.0}


def test_the_order_of_rows_does_not_matter() -> None:
    given = journeys("a b:0 c !", "c b", "b:1 a", "c !")
    assert (transitions(given).counts == transitions(shuffled(given, 3)).counts).all()
