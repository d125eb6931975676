"""The tenant's own model worked out by hand, one idea of its document at a time."""

import json
from typing import Any

import pytest

from processors.domain.attribution import MODELS, UNIT, WINDOWS
from processors.domain.attribution.custom_document import CustomModel, parse
from tests.support.crediting import Touch, credit_batch

from .journeys import DAY, journey, touch, with_model

CUSTOM = MODELS.index("custom")


def document(**fields: Any) -> str:
    return json.dumps(fields)


def model(**fields: Any) -> CustomModel:
    found = parse(document(**fields))
    assert found is not None
    return found


def path(*channels: str) -> list[Touch]:
    """A touch a day, oldest first, the newest at the conversion; `email!` is a view."""
    return [
        touch(
            f"t{n}", (len(channels) - 1 - n) * DAY,
            channel=channel.rstrip("!"), view=channel.endswith("!"),
        )
        for n, channel in enumerate(channels)
    ]  # fmt: skip


def shares(touches: list[Touch], *, window: str = "ltv", **fields: Any) -> list[int]:
    """In thousandths, rounded; that all add up to one is what the properties say."""
    [credited] = credit_batch([with_model(journey(*touches), document(**fields))])
    column: list[int] = credited.credit[:, CUSTOM, WINDOWS.index(window)].tolist()
    assert sum(column) == UNIT
    return [round(share / (UNIT // 1000)) for share in column]


D_A_B_B_C_D_C_C = path("d", "a", "b", "b", "c", "d", "c", "c")


@pytest.mark.parametrize(
    ("transform", "expected"),
    [
        ([], [125] * 8),
        (["unique"], [125] * 8),
        (["exposure"], [167, 167, 167, 0, 167, 167, 167, 0]),
        (["first"], [250, 250, 250, 0, 250, 0, 0, 0]),
        (["exposure", "first"], [250, 250, 250, 0, 250, 0, 0, 0]),
        (["remove_direct"], [125] * 8),
    ],
)
def test_a_transform_keeps_the_first_touch_of_what_it_collapses(
    transform: list[str], expected: list[int]
) -> None:
    assert shares(D_A_B_B_C_D_C_C, transform=transform) == expected


def test_direct_touches_are_removed_unless_all_are_direct() -> None:
    mixed = path("direct", "email", "direct", "email", "direct")
    assert shares(mixed, transform=["remove_direct"]) == [0, 500, 0, 500, 0]
    assert shares(path("direct", "direct"), transform=["remove_direct"]) == [500, 500]


def test_transforms_are_applied_in_the_order_of_the_list() -> None:
    touches = path("email", "direct", "email")
    assert shares(touches, transform=["remove_direct", "exposure"]) == [1000, 0, 0]
    assert shares(touches, transform=["exposure", "remove_direct"]) == [500, 0, 500]


def test_a_run_that_a_window_cuts_begins_at_its_first_touch_in_the_window() -> None:
    touches = [touch("a", 10 * DAY), touch("b", 5 * DAY), touch("c", 2 * DAY)]
    assert shares(touches, transform=["exposure"]) == [1000, 0, 0]
    assert shares(touches, transform=["exposure"], window="7d") == [0, 1000, 0]
    assert shares(touches, transform=["exposure"], window="3d") == [0, 0, 1000]


def test_an_excluded_channel_earns_nothing_and_has_no_position() -> None:
    ends = {"first": 40, "middle": 20, "last": 40}
    touches = path("coupon", "a", "b", "c")
    assert shares(touches, exclude=["coupon"], position=ends) == [0, 400, 200, 400]


def test_excluded_channels_earn_where_nothing_else_is_left() -> None:
    assert shares(path("coupon", "email"), exclude=["coupon", "email"]) == [500, 500]
    touches = path("coupon", "direct", "coupon")
    assert shares(touches, transform=["remove_direct"], exclude=["coupon"]) == [500, 0, 500]


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (1, [1000]),
        (2, [750, 250]),
        (3, [600, 200, 200]),
        (4, [600, 100, 100, 200]),
        (6, [600, 50, 50, 50, 50, 200]),
    ],
)
def test_the_middle_shares_its_weight_and_two_touches_have_none(
    count: int, expected: list[int]
) -> None:
    position = {"first": 60, "middle": 20, "last": 20}
    assert shares(path(*"abcdef"[:count]), position=position) == expected


def test_weights_by_position_are_proportions_whatever_they_add_up_to() -> None:
    assert shares(path(*"abcd"), position={"first": 0.001, "middle": 0.001, "last": 0.002}) == [
        250, 125, 125, 500,
    ]  # fmt: skip


def test_a_position_without_weight_earns_nothing() -> None:
    only_middle = {"first": 0, "middle": 1, "last": 0}
    assert shares(path(*"abc"), position=only_middle) == [0, 1000, 0]
    assert shares(path(*"ab"), position=only_middle) == [500, 500]
    assert shares(path("a"), position=only_middle) == [1000]
    assert shares(path(*"ab"), position={"first": 1, "middle": 0, "last": 0}) == [1000, 0]


def test_a_half_life_halves_the_weight_of_a_touch_that_much_older() -> None:
    assert shares(path("a", "b", "c"), position={"half_life_days": 1}) == [143, 286, 571]
    assert shares(path("a", "b", "c"), position={"half_life_days": 0.5}) == [48, 190, 762]


def test_the_half_life_counts_from_the_newest_touch_that_may_earn() -> None:
    touches = [touch("a", 302 * DAY), touch("b", 301 * DAY), touch("c", 0, channel="direct")]
    daily = {"half_life_days": 1}
    assert shares(touches, position=daily, channels={"direct": 0}) == [333, 667, 0]
    assert shares(touches, position=daily, exclude=["direct"]) == [333, 667, 0]


def test_multipliers_weigh_channels_against_each_other() -> None:
    touches = path("email", "paid_social", "other")
    assert shares(touches, channels={"email": 0.5, "paid_social": 2.5}) == [125, 625, 250]


def test_a_channel_that_is_multiplied_by_0_keeps_its_position() -> None:
    ends = {"first": 40, "middle": 20, "last": 40}
    touches = path("coupon", "a", "b", "c")
    assert shares(touches, channels={"coupon": 0}, position=ends) == [0, 167, 167, 667]


def test_views_have_a_multiplier_of_their_own_beside_their_channels() -> None:
    touches = path("email!", "email", "social!")
    assert shares(touches, views=0.5, channels={"email": 2}) == [286, 571, 143]


def test_where_all_weights_are_0_those_with_a_multiplier_count_alike_and_else_all() -> None:
    only_first = {"first": 1, "middle": 0, "last": 0}
    assert shares(path(*"abc"), position=only_first, channels={"a": 0}) == [0, 500, 500]
    assert shares(path(*"ab"), channels={"a": 0, "b": 0}) == [500, 500]
    assert shares(path("a!", "b!"), views=0) == [500, 500]
    assert shares(
        path("direct", "a", "b"), channels={"a": 0, "b": 0}, transform=["remove_direct"]
    ) == [0, 500, 500]


def test_an_empty_object_is_linear_and_40_20_40_is_position_based() -> None:
    touches = path("a", "b", "b", "direct", "c!", "a", "d")
    [plain] = credit_batch([with_model(journey(*touches), "{}")])
    assert (plain.credit[:, CUSTOM] == plain.credit[:, MODELS.index("linear")]).all()
    ends = document(position={"first": 40, "middle": 20, "last": 40})
    [by_ends] = credit_batch([with_model(journey(*touches), ends)])
    assert (by_ends.credit[:, CUSTOM] == by_ends.credit[:, MODELS.index("position_based")]).all()


def test_weights_at_the_greatest_numbers_of_a_document_are_still_whole_and_exact() -> None:
    touches = [touch(f"t{n:04}", n, channel="a" if n else "b") for n in range(3_000)]
    [credited] = credit_batch(
        [
            with_model(
                journey(*touches, revenue=2**63 - 1),
                document(
                    position={"first": 1000, "middle": 999.999, "last": 1000},
                    channels={"a": 100, "b": 99.999},
                ),
            )
        ]
    )
    assert (credited.credit.sum(axis=0)[:, -1] == UNIT).all()
    assert (credited.revenue.sum(axis=0)[:, -1] == 2**63 - 1).all()
    assert (credited.credit[:, CUSTOM] >= 0).all()
