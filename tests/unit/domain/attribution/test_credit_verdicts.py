"""Why a touch does not count, and that whatever counts here is what credit credits."""

import numpy as np
from hypothesis import given

from processors.domain.attribution import WINDOWS, CreditSettings
from processors.domain.attribution.eligibility import NEVER
from processors.domain.attribution.verdicts import reason, verdicts
from tests.support.crediting import Journey, Touch, credit_batch

from .journeys import CONVERTED_AT, DAY, any_journey, journey, touch


def told(one: Journey) -> dict[str, str]:
    """The first window or the reason of each touch."""
    ordered = sorted(one.touches, key=lambda t: (t.occurred_at, t.touchpoint_id))
    found = verdicts(
        converted_at=one.converted_at,
        occurred_at=np.array([t.occurred_at for t in ordered], dtype=np.int64),
        is_view=np.array([t.is_view for t in ordered], dtype=np.bool_),
        is_bot=np.array([t.touchpoint_id.startswith("robot") for t in ordered], dtype=np.bool_),
        settings=one.settings,
    )
    return {
        t.touchpoint_id: reason(verdict) or WINDOWS[verdict]
        for t, verdict in zip(ordered, found.tolist(), strict=True)
    }


def of(*touches: Touch, settings: CreditSettings | None = None) -> dict[str, str]:
    return told(journey(*touches, settings=settings))


@given(any_journey())
def test_what_counts_is_what_credit_credits_and_all_else_has_a_reason(one: Journey) -> None:
    [credited] = credit_batch([one])
    counted = {
        one.touches[place].touchpoint_id: WINDOWS[first]
        for place, first in zip(credited.touches, credited.first_window, strict=True)
    }
    found = told(one)
    assert len(found) == len(one.touches)
    assert {name: why for name, why in found.items() if why in WINDOWS} == counted


def test_each_reason_has_its_touch() -> None:
    settings = CreditSettings(view_window_days=1, max_touches=1)
    assert of(
        touch("ancient", 400 * DAY),
        touch("ancient view", 401 * DAY, view=True),
        touch("first", 9 * DAY),
        touch("middle", 8 * DAY),
        touch("old view", 2 * DAY, view=True),
        touch("view", 1 * DAY, view=True),
        touch("later", -DAY),
        touch("later view", -DAY, view=True),
        settings=settings,
    ) == {
        "ancient": "too_old",
        "ancient view": "too_old",
        "first": "14d",
        "middle": "beyond_max_touches",
        "old view": "view_too_old",
        "view": "1d",
        "later": "after_order",
        "later view": "after_order",
    }


def test_under_clicks_only_a_view_is_told_so_whatever_its_age() -> None:
    settings = CreditSettings(attribution_mode="clicks_only")
    found = of(touch("v", DAY, view=True), touch("old", 500 * DAY, view=True), settings=settings)
    assert set(found.values()) == {"clicks_only"}


def test_what_the_tenant_does_not_look_back_to_is_told_apart_from_what_is_too_old() -> None:
    settings = CreditSettings(lookback_days=30)
    found = of(touch("a", 400 * DAY), touch("b", 40 * DAY), touch("c", 20 * DAY), settings=settings)
    assert found == {"a": "too_old", "b": "beyond_lookback", "c": "28d"}


def test_a_robots_touch_has_its_reason_and_takes_no_place_of_those_that_count() -> None:
    touches = [touch("a", 9 * DAY), touch("robot", 5 * DAY), touch("b", 2 * DAY)]
    settings = CreditSettings(bots=False, max_touches=1)
    assert of(*touches, settings=settings) == {"a": "14d", "robot": "bot", "b": "3d"}
    counted = of(*touches, settings=CreditSettings(max_touches=2))
    assert counted == {"a": "14d", "robot": "7d", "b": "3d"}


def test_a_person_without_touches_has_no_verdicts() -> None:
    nothing = np.zeros(0, dtype=np.int64)
    found = verdicts(
        converted_at=CONVERTED_AT,
        occurred_at=nothing,
        is_view=np.zeros(0, dtype=np.bool_),
        is_bot=np.zeros(0, dtype=np.bool_),
        settings=CreditSettings(),
    )
    assert found.tolist() == []
    assert reason(NEVER - 1) is None
