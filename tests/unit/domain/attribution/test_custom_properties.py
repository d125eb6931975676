"""The tenant's own model against the oracle's reading, and what holds for any document."""

import json
from collections.abc import Sequence
from dataclasses import replace
from random import Random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from processors.domain.attribution import MODELS, STANDARD_MODELS, UNIT, WINDOWS
from tests.support.crediting import Journey, credit_batch

from .journeys import any_journey, documents, with_model
from .reference import expected
from .test_credit_properties import plain

MAYBE = st.tuples(any_journey(), st.one_of(st.none(), documents))


def _own(one: tuple[Journey, str | None]) -> Journey:
    return one[0] if one[1] is None else with_model(one[0], one[1])


@given(st.lists(MAYBE, max_size=4))
def test_any_batch_equals_the_slow_reference_cell_by_cell(
    told: Sequence[tuple[Journey, str | None]],
) -> None:
    for (journey, document), credited in zip(
        told, credit_batch([_own(one) for one in told]), strict=True
    ):
        want = expected(journey, None if document is None else json.loads(document))
        assert plain(credited) == (
            want.touches,
            want.first_window,
            want.credit,
            want.revenue,
            want.revenue_reporting,
        )


@given(any_journey(), documents)
def test_every_window_with_a_touch_adds_up(journey: Journey, document: str) -> None:
    [credited] = credit_batch([with_model(journey, document)])
    custom = credited.credit[:, MODELS.index("custom")]
    revenue = credited.revenue[:, MODELS.index("custom")]
    assert (custom >= 0).all()
    for window in range(len(WINDOWS)):
        full = any(first <= window for first in credited.first_window)
        assert custom[:, window].sum() == UNIT * full
        assert revenue[:, window].sum() == journey.revenue * full


@given(any_journey(), documents, st.randoms(use_true_random=False))
def test_the_order_in_which_touches_are_listed_does_not_matter(
    journey: Journey, document: str, random: Random
) -> None:
    own = with_model(journey, document)
    shuffled = list(own.touches)
    random.shuffle(shuffled)
    [one], [other] = credit_batch([own]), credit_batch([replace(own, touches=shuffled)])
    assert np.array_equal(one.credit, other.credit)
    assert np.array_equal(one.revenue, other.revenue)
    assert [own.touches[i] for i in one.touches] == [shuffled[i] for i in other.touches]


@given(st.lists(MAYBE, min_size=1, max_size=6))
def test_a_journey_has_the_same_credit_alone_and_in_any_batch(
    told: Sequence[tuple[Journey, str | None]],
) -> None:
    journeys = [_own(one) for one in told]
    for journey, credited in zip(journeys, credit_batch(journeys), strict=True):
        [alone] = credit_batch([journey])
        assert plain(credited) == plain(alone)


@given(any_journey(), documents)
def test_the_standard_models_are_the_same_beside_a_model_of_the_tenants(
    journey: Journey, document: str
) -> None:
    [beside], [without] = credit_batch([with_model(journey, document)]), credit_batch([journey])
    count = len(STANDARD_MODELS)
    assert beside.credit.shape[1:] == (count + 1, len(WINDOWS))
    assert without.credit.shape[1:] == (count, len(WINDOWS))
    assert np.array_equal(beside.credit[:, :count], without.credit)
    assert np.array_equal(beside.revenue[:, :count], without.revenue)
