"""Money is exact, rounded half-even once, and refuses what is no amount."""

from decimal import ROUND_HALF_EVEN, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.domain.money import (
    EXPONENTS,
    MAX_MINOR,
    convert,
    is_currency,
    to_decimal,
    to_minor,
)

_currency = st.sampled_from(sorted(EXPONENTS))
_minor = st.integers(min_value=0, max_value=MAX_MINOR)


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("129.90", "USD", 12990),
        (129.9, "USD", 12990),
        (0.1 + 0.2, "USD", 30),
        (1.005, "USD", 100),
        ("1.005", "USD", 100),
        ("1.015", "USD", 102),
        ("1.0150000000000000001", "USD", 102),
        (7, "USD", 700),
        ("7.", "USD", 700),
        (".5", "USD", 50),
        (" 12.5 ", "USD", 1250),
        ("-0.00", "USD", 0),
        ("1e2", "USD", 10000),
        ("600.00", "JPY", 600),
        ("600.5", "JPY", 600),
        ("601.5", "JPY", 602),
        ("1.2345", "KWD", 1234),
        ("1.2345", "CLF", 12345),
        ("0.004", "USD", 0),
    ],
)
def test_an_amount_becomes_minor_units(
    amount: str | int | float, currency: str, minor: int
) -> None:
    assert to_minor(amount, currency) == minor


@pytest.mark.parametrize(
    ("amount", "says"),
    [
        ("nan", "finite"),
        (float("inf"), "finite"),
        ("-0.01", "negative"),
        (-1, "negative"),
        ("ten", "not a decimal"),
        ("", "not a decimal"),
        ("1,299.00", "not a decimal"),
        ("1_000", "not a decimal"),
        ("١٢", "not a decimal"),
        ("9" * 100, "not a decimal"),
        (10**16, "absurdly"),
        ("1e999999999", "absurdly"),
        ("99999999999999.99", "absurdly"),
        (True, "true or false"),
    ],
)
def test_what_is_no_amount_is_refused_with_the_reason(amount: str | float, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        to_minor(amount, "USD")


@pytest.mark.parametrize("code", ["usd", "XXX", "US", "", "BTC"])
def test_what_is_no_currency_is_refused(code: str) -> None:
    assert not is_currency(code)
    with pytest.raises(ValueError, match="currency"):
        to_minor("1", code)


@pytest.mark.parametrize(
    ("currency", "exponent"), [("USD", 2), ("JPY", 0), ("KRW", 0), ("CLP", 0), ("BHD", 3)]
)
def test_currencies_have_their_own_decimals(currency: str, exponent: int) -> None:
    assert is_currency(currency)
    assert EXPONENTS[currency] == exponent


@given(_minor, _currency)
def test_minor_units_survive_the_way_out_and_in(minor: int, currency: str) -> None:
    amount = to_decimal(minor, currency)
    assert -int(amount.as_tuple().exponent) == EXPONENTS[currency]
    assert to_minor(str(amount), currency) == minor


@given(st.decimals(min_value=0, max_value=10**9, places=6), _currency)
def test_rounding_is_half_even_in_every_currency(amount: Decimal, currency: str) -> None:
    unit = Decimal(1).scaleb(-EXPONENTS[currency])
    expected = amount.quantize(unit, rounding=ROUND_HALF_EVEN)
    assert to_decimal(to_minor(str(amount), currency), currency) == expected


@pytest.mark.parametrize(
    ("minor", "source", "target", "rate", "expected"),
    [
        (10000, "USD", "EUR", "0.9", 9000),
        (10000, "USD", "JPY", "149.555", 14956),
        (14955, "JPY", "USD", "0.0066867", 10000),
        (1, "USD", "EUR", "0.5", 0),
        (3, "USD", "EUR", "0.5", 2),
        (1000, "USD", "KWD", Decimal("0.3071"), 3071),
    ],
)
def test_conversion_rounds_once_to_the_targets_minor_unit(
    minor: int, source: str, target: str, rate: str | Decimal, expected: int
) -> None:
    assert convert(minor, source, target, rate) == expected


@given(st.integers(min_value=0, max_value=10**12), _currency)
def test_a_rate_of_one_changes_nothing(minor: int, currency: str) -> None:
    assert convert(minor, currency, currency, "1") == minor


@pytest.mark.parametrize("rate", ["0", "-1", "nan", "inf", "x"])
def test_a_rate_that_is_none_is_refused(rate: str) -> None:
    with pytest.raises(ValueError, match="exchange rate"):
        convert(100, "USD", "EUR", rate)
