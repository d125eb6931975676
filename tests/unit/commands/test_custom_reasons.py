"""What is said of a touch under the tenant's own model."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from processors.commands.custom_reasons import CHANGED, NONE, told
from processors.commands.explanation import ExplainedTouch
from processors.domain.attribution.custom_document import CustomModel, parse

CONVERTED_AT = datetime(2026, 1, 9, tzinfo=UTC)


def model(**fields: Any) -> CustomModel:
    found = parse(json.dumps(fields))
    assert found is not None
    return found


def touch(channel: str, *, days: float = 1, counted: bool = True) -> ExplainedTouch:
    age = timedelta(days=days)
    return ExplainedTouch(
        touchpoint_id="t", event_id="e", anchor="visitor:v", occurred_at=CONVERTED_AT - age,
        age=age, type="view" if channel.endswith("!") else "click", channel=channel.rstrip("!"),
        platform="other", campaign="", from_window="1d", credit=Decimal(0) if counted else None,
        revenue=None, revenue_reporting=None, chain=(), everywhere={},
    )  # fmt: skip


def whys(own: CustomModel, *touches: ExplainedTouch) -> list[str]:
    note, found = told(own, own.version, touches)
    assert note == ""
    return [touch.why for touch in found]


def test_what_weighs_is_told_by_position_and_multiplier() -> None:
    own = model(position={"first": 40, "middle": 20, "last": 40}, channels={"b": 0.5}, views=0.25)
    assert whys(own, *map(touch, ("a", "b", "c!", "b!"))) == [
        "first: weight 40",
        "2 of 4: weight 20 / 2 x 0.5 (b)",
        "3 of 4: weight 20 / 2 x 0.25 (view)",
        "last: weight 40 x 0.5 (b) x 0.25 (view)",
    ]
    assert whys(own, touch("b")) == ["alone: weight 0.5 (b)"]
    assert whys(model(), touch("a"), touch("b")) == ["first: weight 1", "last: weight 1"]


def test_ages_are_told_from_the_newest_touch_that_may_earn() -> None:
    own = model(position={"half_life_days": 7}, channels={"direct": 0})
    assert whys(own, touch("a", days=5), touch("b", days=1.5), touch("direct", days=0)) == [
        "first: weight 1/2 ^ (3.500 d / 7 d)",
        "2 of 3: weight 1/2 ^ (0.000 d / 7 d)",
        "last: weight 1/2 ^ (0.000 d / 7 d) x 0 (direct)",
    ]


def test_what_was_left_out_is_told_by_what_left_it_out() -> None:
    own = model(transform=["remove_direct", "first"], exclude=["coupon"])
    assert whys(own, *map(touch, ("direct", "a", "coupon", "a"))) == [
        "left out by remove_direct: it is direct, and others are not",
        "alone: weight 1",
        "left out: coupon is excluded",
        "left out by first: an earlier touch of the same channel stands for it",
    ]


def test_a_path_in_which_all_weigh_0_is_told_as_such() -> None:
    own = model(position={"first": 1, "middle": 0, "last": 0}, channels={"a": 0})
    assert whys(own, *map(touch, ("a", "b", "c"))) == [
        "first: weight 1 x 0 (a); all weigh 0, and others may earn",
        "2 of 3: weight 0; since all weigh 0, those that may earn count alike",
        "last: weight 0; since all weigh 0, those that may earn count alike",
    ]


def test_touches_that_do_not_count_in_the_window_are_passed_over() -> None:
    assert whys(model(), touch("a", counted=False), touch("b")) == ["", "alone: weight 1"]
    assert whys(model(), touch("a", counted=False)) == [""]


def test_credit_of_another_model_is_not_explained() -> None:
    touches = (touch("a"),)
    assert told(None, None, touches) == (NONE, touches)
    assert told(None, "old", touches) == (CHANGED, touches)
    assert told(model(), "old", touches) == (CHANGED, touches)
    assert told(model(), None, touches) == (CHANGED, touches)
