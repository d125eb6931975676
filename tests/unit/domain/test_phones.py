"""A phone is its digits, however people write it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.domain.phones import bare_digits, phone_digits


@pytest.mark.parametrize(
    ("raw", "digits"),
    [
        ("+14155550101", "14155550101"),
        ("16505551212", "16505551212"),
        ("0016505551212", "16505551212"),
        ("+1 (650) 555-1212", "16505551212"),
        ("tel:+1-650-555-1212", "16505551212"),
        ("+44 (0)20 7946 0000", "442079460000"),
        ("020 7946 0000", "2079460000"),
        ("+1 650 555 1212 ext. 9", "16505551212"),
        ("+1 650 555 1212 x9", "16505551212"),
        ("+1-650-555-1212;ext=9", "16505551212"),
        ("+٤٤٢٠٧٩٤٦٠٠٠٠", "442079460000"),
        ("＋４４２０７９４６００００", "442079460000"),
    ],
)
def test_digits_are_what_is_left(raw: str, digits: str) -> None:
    assert phone_digits(raw) == digits


@pytest.mark.parametrize("raw", ["", "0", "123456", "0000000", "call me", "1" * 16])
def test_what_cannot_be_dialled_is_none(raw: str) -> None:
    assert phone_digits(raw) is None


@given(st.integers(min_value=10**6, max_value=10**15 - 1), st.sampled_from(["", "+", "00", "+ "]))
def test_every_prefix_gives_the_same_digits(number: int, prefix: str) -> None:
    assert phone_digits(f"{prefix}{number}") == str(number) == bare_digits(str(number))
