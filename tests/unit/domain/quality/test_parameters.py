"""Which details an event has, what they are worth at a platform, and what another would bring."""

import pytest

from processors.domain.quality import match, parameters
from schemas.delivery import Delivery


def test_every_detail_that_a_platform_uses_makes_ten() -> None:
    for platform in (*parameters.USED, "affiliate"):
        assert parameters.quality(platform, match.NAMES) == pytest.approx(10)
        assert parameters.quality(platform, ()) == 0


def test_what_a_platform_does_not_use_is_worth_nothing_there() -> None:
    assert parameters.quality("linkedin", {"phone", "city"}) == 0
    with_phone = parameters.quality("google_ads", {"email", "phone"})
    assert with_phone > parameters.quality("google_ads", {"email", "browser_id", "city"})


def test_a_platform_is_one_that_deliveries_can_go_to() -> None:
    known = Delivery.model_fields["platform"].annotation
    assert set(parameters.USED) <= set(known.__args__)  # type: ignore[union-attr]


def test_the_mean_is_over_events_not_over_kinds_of_them() -> None:
    one, none = frozenset({"email", "phone", "click_id"}), frozenset[str]()
    assert parameters.mean("google_ads", {one: 3, none: 1}) == 7.5
    assert parameters.mean("google_ads", {}) is None


def test_details_are_told_in_order_of_what_they_would_bring() -> None:
    events = {frozenset({"email"}): 9, frozenset[str](): 1}
    found = parameters.scores("google_ads", events)
    assert [one.name for one in found] == ["click_id", "phone", "email"]
    assert [one.events for one in found] == [0, 0, 9]
    best = 1 - 0.45 * 0.55 * 0.55
    gains = [0.45 * (0.9 * 0.45 + 0.1) / best, 0.45 * (0.9 * 0.45 + 0.1) / best, 0.1 * 0.55 / best]
    assert [one.gain for one in found] == [round(10 * gain, 2) for gain in gains]
    assert parameters.scores("google_ads", {}) == []
