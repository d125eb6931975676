"""Match quality: which identifiers count, how much, and which values are none."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.domain.quality.match import BEST, CHANCES, NAMES, UserData, score

COMPLETE: dict[str, Any] = {
    "em": ["62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f"],
    "phone": "+1 650 555 1212", "fn": "Mary", "ln": "Doe", "ct": "Oslo", "zp": "0150",
    "db": "19970216", "ge": "f", "external_id": 42, "fbp": "fb.1.1596403881668.1116446470",
    "fbc": "fb.1.1554763741205.AbCdEf", "client_ip_address": "8.8.8.8",
    "client_user_agent": "Mozilla/5.0 (X11)",
}  # fmt: skip
keys = st.sets(st.sampled_from(sorted(NAMES)))


def quality(*parts: Any) -> float:
    return UserData.read(parts).match_quality_score()


def test_nothing_is_0_and_everything_is_10() -> None:
    assert quality() == quality({}, None, []) == 0.0
    assert quality(COMPLETE) == BEST


@given(keys, keys)
def test_more_is_never_worse_and_the_scale_is_kept(some: set[str], more: set[str]) -> None:
    assert 0 <= score(some) <= score(some | more) <= BEST + 1e-9


@given(keys)
def test_a_second_strong_identifier_adds_less_than_the_first(some: set[str]) -> None:
    alone = score({"phone"})
    added = score({*some, "phone"}) - score(some - {"phone"})
    assert added <= alone + 1e-9


def test_the_order_of_the_chances_is_the_order_of_the_gain() -> None:
    ranked = sorted(CHANCES, key=lambda name: -CHANCES[name])
    assert ranked[:3] == ["email", "phone", "click_id"]
    assert quality({"email": "a@example.com"}) > quality({"phone": "+14155551234"})
    assert quality({"external_id": "c-1"}) > quality({"client_ip_address": "8.8.8.8"})
    assert quality({"fn": "Mary", "ln": "Doe"}) > quality({"fn": "Mary"}) > 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("email", "not an address"), ("email", "null"), ("email", 1.5), ("email", {}),
        ("phone", "123"), ("phone", "none"), ("external_id", "undefined"), ("external_id", "0"),
        ("fbp", "1116446470"), ("fbc", "AbCdEf"), ("fbc", "fb.1.1554763741.AbCdEf"),
        ("gclid", "null"), ("ip", "192.168.1.4"), ("ip", "127.0.0.1"), ("ip", "1.2.3"),
        ("user_agent", "-"), ("dob", "yesterday"), ("email", "a" * 600), ("fn", ["x", {}][1:]),
    ],
)  # fmt: skip
def test_a_value_that_cannot_be_one_is_worth_nothing_and_told(name: str, value: Any) -> None:
    found = UserData.read([{name: value}])
    assert found.match_quality_score() == 0
    assert len(found.wrong) == 1 or value == [{}]


def test_the_first_good_value_counts_wherever_it_stands() -> None:
    found = UserData.read([{"em": "broken"}, {"email": "a@example.com"}, {"email": "b@x.example"}])
    assert (found.good, found.wrong) == ({"email": "a@example.com"}, {})


def test_no_value_shows_in_a_representation() -> None:
    assert "example" not in repr(UserData.read([{"email": "a@example.com"}]))
