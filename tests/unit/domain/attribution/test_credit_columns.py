"""Journeys given as arrays earn what the same journeys earn as objects."""

from collections.abc import Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from processors.domain.attribution import CreditSettings, JourneyColumns, credit_columns
from tests.support.crediting import Journey, columns_of, credit_batch

from .journeys import CONVERTED_AT, DAY, any_journey, journey, touch, trained

MODEL = trained({"email": (900_000, 400_000, 0), "direct": (100_000, 0, 0)})


def test_arrays_that_never_were_objects_are_credited_alike() -> None:
    objects = [
        journey(touch("1", 9 * DAY, channel="direct"), touch("2", 0), revenue=700, model=MODEL),
        journey(revenue=5),
        journey(touch("3", DAY), touch("4", DAY, channel="direct"), revenue=301),
    ]
    arrays = JourneyColumns(
        converted_at=np.full(3, CONVERTED_AT),
        revenue=np.array([700, 5, 301]),
        revenue_reporting=np.array([700, 5, 301]),
        setting=np.zeros(3, dtype=np.int64),
        model=np.array([0, -1, -1]),
        size=np.array([2, 0, 2]),
        occurred_at=CONVERTED_AT - np.array([9, 0, 1, 1]) * DAY,
        is_view=np.zeros(4, dtype=np.bool_),
        channel=np.array([1, 0, 0, 1]),
        touchpoint_id=range(4),
        channels=("email", "direct"),
        settings=[CreditSettings()],
        models=[MODEL],
    )
    [told] = credit_columns(arrays)
    want = credit_batch(objects)
    assert told.counts.tolist() == [len(own.touches) for own in want]
    assert told.index.tolist() == [i for own in want for i in own.touches]
    assert told.channel.tolist() == [1, 0, 0, 1]
    assert (told.credit == np.concatenate([own.credit for own in want])).all()
    assert (told.revenue == np.concatenate([own.revenue for own in want])).all()
    assert (told.revenue_reporting == told.revenue).all()


@given(st.lists(any_journey(), max_size=6), st.integers(1, 30))
def test_chunks_hold_every_journey_once_and_whole(journeys: Sequence[Journey], size: int) -> None:
    batch = columns_of(journeys)
    parts = list(batch.chunks(size))
    assert [n for part in parts for n in part.size.tolist()] == batch.size.tolist()
    assert [name for part in parts for name in part.touchpoint_id] == batch.touchpoint_id
    assert all(part.size.sum() <= size or len(part.size) == 1 for part in parts)
    assert all(part.size.sum() == len(part.occurred_at) for part in parts)
