"""What a trained model earns its channels: removal effects, worked out by hand and as laws."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.domain.attribution import MODELS, UNIT
from processors.domain.attribution.model_document import MICRO, DataDrivenModel
from tests.support.crediting import Journey, Touch, credit_batch

from .journeys import DAY, any_journey, any_model, journey, touch, trained

DATA_DRIVEN = MODELS.index("data_driven")
LINEAR = MODELS.index("linear")
LTV = -1
MODEL = trained(
    {"email": (MICRO, MICRO // 2, 0), "paid_search": (2 * MICRO, MICRO, 0), "direct": (0, 0, 0)}
)


def earned(one: Journey) -> dict[str, int]:
    """Credit of each touch in the widest window."""
    [credited] = credit_batch([one])
    shares = credited.credit[:, DATA_DRIVEN, LTV].tolist()
    names = [one.touches[i].touchpoint_id for i in credited.touches]
    return dict(zip(names, shares, strict=True))


def logistic(logit: float) -> float:
    return float(1 / (1 + np.exp(-logit)))


def test_channels_share_by_how_far_the_probability_falls_without_them() -> None:
    one = journey(
        touch("a", 3 * DAY, channel="email"), touch("b", 0, channel="paid_search"), model=MODEL
    )
    whole = logistic(-3 + 0.5 + 2)
    email, search = whole - logistic(-3 + 2), whole - logistic(-3 + 0.5)
    told = earned(one)
    assert told["a"] / UNIT == pytest.approx(email / (email + search), abs=1e-9)
    assert told["b"] / UNIT == pytest.approx(search / (email + search), abs=1e-9)


def test_inside_a_channel_a_touch_earns_by_its_own_effect() -> None:
    one = journey(
        touch("old", 3 * DAY, channel="email"), touch("new", 0, channel="email"), model=MODEL
    )
    told = earned(one)
    assert told["new"] == pytest.approx(2 * told["old"], rel=1e-8)


def test_touches_beyond_saturation_share_what_the_saturated_ones_earn() -> None:
    three = [touch(name, age, channel="email") for name, age in (("a", 2), ("b", 1), ("c", 0))]
    other = touch("s", 0, channel="paid_search")
    with_three = earned(journey(*three, other, model=MODEL))
    with_two = earned(journey(*three[1:], other, model=MODEL))
    assert with_three["a"] == pytest.approx(with_three["c"], abs=1)
    assert with_three["s"] == pytest.approx(with_two["s"], abs=2)


def test_age_is_measured_from_the_newest_touch() -> None:
    told = [
        earned(journey(touch("a", old + 3 * DAY), touch("b", old), model=MODEL))
        for old in (0, 60 * DAY)
    ]
    assert told[0] == told[1]


def test_a_channel_without_effect_earns_nothing_beside_one_that_has() -> None:
    told = earned(
        journey(
            touch("a", 2, channel="direct"), touch("b", 1, channel="unseen"), touch("c", 0),
            model=MODEL,
        )
    )  # fmt: skip
    assert told == {"a": 0, "b": 0, "c": UNIT}


def test_without_any_positive_effect_the_path_is_divided_as_linear() -> None:
    bad = trained({"email": (-MICRO, -1, 0), "direct": (0, 0, 0)})
    one = journey(touch("a", 2), touch("b", 1, channel="direct"), touch("c", 0), model=bad)
    [credited] = credit_batch([one])
    assert (credited.credit[:, DATA_DRIVEN] == credited.credit[:, LINEAR]).all()


@given(any_journey(), any_model(), st.integers(1, 3))
def test_touches_of_one_cell_earn_alike(one: Journey, model: DataDrivenModel, more: int) -> None:
    twins = [touch(f"twin{n}", 5 * DAY, channel="email") for n in range(more + 1)]
    told = earned(replace(one, touches=[*one.touches, *twins], model=model))
    found = [told[t.touchpoint_id] for t in twins if t.touchpoint_id in told]
    assert not found or max(found) - min(found) <= 1


@given(any_journey(), any_model())
def test_a_channel_that_lowers_the_odds_earns_nothing_beside_one_that_raises_them(
    one: Journey, model: DataDrivenModel
) -> None:
    none, much = (-MICRO,) * (len(model.recency_days) + 1), (MICRO,) * (len(model.recency_days) + 1)
    judged = replace(model, version="judged", effects={"direct": none, "email": much})
    [credited] = credit_batch([replace(one, model=judged)])
    kept: list[Touch] = [one.touches[i] for i in credited.touches]
    told = credited.credit[:, DATA_DRIVEN, LTV]
    if any(t.channel == "email" for t in kept):
        assert all(share == 0 for t, share in zip(kept, told, strict=True) if t.channel == "direct")
