"""Junk joins nobody, and every event hangs on the same id each time."""

import hashlib

import pytest

from processors.domain.identifiers import ATTACHED, JOINING, anchor, is_junk

ZERO_UUID = "00000000-0000-0000-0000-000000000000"


@pytest.mark.parametrize(
    "value",
    ["null", "undefined", "0", "none", "nan", "unknown", "(not set)", "[object object]", ZERO_UUID]
    + ["", "  ", " NULL ", "NaN", "Undefined", "[object Object]", "000", "-", "-1", "guest"]
    + [hashlib.sha256(text).hexdigest() for text in (b"", b"null", b"undefined", b"0")]
    + ["0" * 64],
)
def test_a_placeholder_is_junk(value: str) -> None:
    assert is_junk(value)


@pytest.mark.parametrize(
    "value",
    [
        "1",
        "10",
        "v-0",
        "nullable",
        "test",
        "dedupe_test_1",
        "00000000-0000-0000-0000-000000000001",
        hashlib.sha256(b"buyer@example.com").hexdigest(),
        "x" * 500,
    ],
)
def test_an_id_that_means_someone_is_not_junk(value: str) -> None:
    assert not is_junk(value)


def test_no_kind_both_joins_and_rides_along() -> None:
    assert not set(JOINING) & set(ATTACHED)


def test_the_visitor_is_the_anchor_whenever_there_is_one() -> None:
    assert anchor({"customer": "c1", "visitor": "v1"}) == ("visitor", "v1")


@pytest.mark.parametrize("index", range(len(JOINING) - 1))
def test_without_a_visitor_the_strongest_joining_id_is_the_anchor(index: int) -> None:
    ids = {kind: f"{kind}-1" for kind in reversed(JOINING[index:]) if kind != "visitor"}
    assert anchor(ids) == (JOINING[index], f"{JOINING[index]}-1")


def test_an_attached_id_anchors_nothing() -> None:
    assert anchor({"session": "s1", "fbp": "fb.1.1.1", "email": ""}) is None
