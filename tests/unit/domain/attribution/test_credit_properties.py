"""The kernel against the slow reference, and the invariants that must hold for any journey."""

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from processors.domain.attribution import UNIT, WINDOWS
from tests.support.crediting import Credited, Journey, credit_batch

from .journeys import any_journey
from .reference import expected


def plain(credited: Credited) -> tuple[object, ...]:
    reporting = credited.revenue_reporting
    return (
        credited.touches,
        credited.first_window,
        credited.credit.tolist(),
        credited.revenue.tolist(),
        None if reporting is None else reporting.tolist(),
    )


@given(st.lists(any_journey(), max_size=4))
def test_a_batch_equals_the_slow_reference_cell_by_cell(journeys: Sequence[Journey]) -> None:
    for journey, credited in zip(journeys, credit_batch(journeys), strict=True):
        want = expected(journey)
        assert plain(credited) == (
            want.touches,
            want.first_window,
            want.credit,
            want.revenue,
            want.revenue_reporting,
        )


@given(any_journey())
def test_every_window_with_a_touch_adds_up_and_every_other_is_empty(journey: Journey) -> None:
    [credited] = credit_batch([journey])
    for window in range(len(WINDOWS)):
        full = any(first <= window for first in credited.first_window)
        assert (credited.credit.sum(axis=0)[:, window] == UNIT * full).all()
        assert (credited.revenue.sum(axis=0)[:, window] == journey.revenue * full).all()
        if credited.revenue_reporting is not None:
            totals = credited.revenue_reporting.sum(axis=0)[:, window]
            assert (totals == (journey.revenue_reporting or 0) * full).all()


@given(any_journey())
def test_no_share_is_negative_or_given_before_the_first_window(journey: Journey) -> None:
    [credited] = credit_batch([journey])
    assert (credited.credit >= 0).all()
    assert (credited.revenue >= 0).all()
    for first, credit, revenue in zip(
        credited.first_window, credited.credit, credited.revenue, strict=True
    ):
        assert not credit[:, :first].any()
        assert not revenue[:, :first].any()


@given(any_journey())
def test_no_touch_is_credited_twice(journey: Journey) -> None:
    [credited] = credit_batch([journey])
    assert len(set(credited.touches)) == len(credited.touches) == len(credited.credit)


@given(st.data(), any_journey())
def test_the_order_of_the_input_does_not_matter(data: st.DataObject, journey: Journey) -> None:
    shuffled = replace(journey, touches=data.draw(st.permutations(journey.touches)))
    [one], [other] = credit_batch([journey]), credit_batch([shuffled])
    assert [journey.touches[i] for i in one.touches] == [shuffled.touches[i] for i in other.touches]
    assert plain(one)[1:] == plain(other)[1:]


@given(st.lists(any_journey(), max_size=5))
def test_a_journey_gets_the_same_in_a_batch_as_alone(journeys: Sequence[Journey]) -> None:
    alone = [plain(credit_batch([journey])[0]) for journey in journeys]
    assert [plain(credited) for credited in credit_batch(journeys)] == alone
