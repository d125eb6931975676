"""Money as integers of a currency's minor unit, so that sums are exact and order-free.

Amounts are read exactly (a float through its shortest decimal form, a string as written) and
rounded half-even once, at the door. Anything that is no plausible amount is a ValueError.
"""

from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from functools import lru_cache
from typing import Final

_TWO_DECIMALS: Final = (
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD "
    "CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS "
    "GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD "
    "LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB "
    "PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP "
    "SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG"
)
# Withdrawn lately; imported history and slow shops still carry them.
_WITHDRAWN: Final = "ANG BGN CUC HRK SLL ZWL"
_NO_DECIMALS: Final = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE_DECIMALS: Final = "BHD IQD JOD KWD LYD OMR TND"
_FOUR_DECIMALS: Final = "CLF UYW"

EXPONENTS: Final[dict[str, int]] = {
    **dict.fromkeys(_TWO_DECIMALS.split(), 2),
    **dict.fromkeys(_WITHDRAWN.split(), 2),
    **dict.fromkeys(_NO_DECIMALS.split(), 0),
    **dict.fromkeys(_THREE_DECIMALS.split(), 3),
    **dict.fromkeys(_FOUR_DECIMALS.split(), 4),
}
"""Decimals of each ISO 4217 currency; a code that is not here is no currency."""

MAX_MINOR: Final = 10**15
"""Above this no order is real; below it every amount is exact in a float column too."""

_SCALES: Final = (1, 10, 100, 1_000, 10_000)
_PLAIN_DIGITS: Final = 11
_PLAIN_BELOW: Final = 10**_PLAIN_DIGITS
_MAX_TEXT: Final = 64
_MAX_MAGNITUDE: Final = 20
_UNIT: Final = Decimal(1)
_EXACT: Final = Context(prec=120, rounding=ROUND_HALF_EVEN)


def is_currency(code: str) -> bool:
    """Whether this is an upper-case ISO 4217 code of money in use."""
    return code in EXPONENTS


def exponent(currency: str) -> int:
    """How many decimals the currency has; ValueError for a code that is none."""
    decimals = EXPONENTS.get(currency)
    if decimals is None:
        raise ValueError(f"{str(currency)[:8]!r} is no ISO 4217 currency code")
    return decimals


def to_minor(amount: str | int | float, currency: str) -> int:
    """The amount in minor units, half-even; ValueError unless a plausible amount >= 0."""
    decimals = exponent(currency)
    if isinstance(amount, str):
        whole, _, part = amount.partition(".")
        short = len(whole) <= _PLAIN_DIGITS and len(part) <= decimals
        if short and whole.isdigit() and amount.isascii():
            if not part:
                return int(whole) * _SCALES[decimals]
            if part.isdigit():
                return int(whole + part) * _SCALES[decimals - len(part)]
    elif isinstance(amount, bool):
        raise ValueError("an amount is a number, not true or false")
    elif isinstance(amount, int) and 0 <= amount < _PLAIN_BELOW:
        return amount * _SCALES[decimals]
    return _round(_number(amount), shift=decimals, shown=amount)


def _number(amount: str | int | float) -> Decimal:
    """The amount, exactly; Decimal alone would also take underscores and foreign digits."""
    text = amount.strip() if isinstance(amount, str) else repr(amount)
    try:
        if len(text) > _MAX_TEXT or not text.isascii() or "_" in text:
            raise InvalidOperation
        return Decimal(text)
    except InvalidOperation:
        raise ValueError(f"{_shown(amount)} is not a decimal number") from None


def _round(value: Decimal, *, shift: int, shown: object) -> int:
    if not value.is_finite():
        raise ValueError(f"{_shown(shown)} is not a finite amount")
    if value < 0:
        raise ValueError(f"{_shown(shown)} is negative")
    if value and value.adjusted() + shift > _MAX_MAGNITUDE:
        raise ValueError(f"{_shown(shown)} is absurdly large")
    minor = int(_EXACT.quantize(_EXACT.scaleb(value, shift), _UNIT))
    if minor > MAX_MINOR:
        raise ValueError(f"{_shown(shown)} is absurdly large")
    return minor


def _shown(amount: object) -> str:
    return repr(str(amount)[:40])


def to_decimal(minor: int, currency: str) -> Decimal:
    """The amount in the currency's own unit, with all its decimals."""
    return _EXACT.scaleb(Decimal(minor), -exponent(currency))


@lru_cache(maxsize=1024)
def _rate(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise ValueError(f"{text[:40]!r} is no exchange rate") from None


def convert(minor: int, from_currency: str, to_currency: str, rate: Decimal | str) -> int:
    """Minor units of one currency as minor units of another, rounded half-even once."""
    factor = rate if isinstance(rate, Decimal) else _rate(rate)
    if not factor.is_finite() or factor <= 0:
        raise ValueError(f"{_shown(rate)} is no exchange rate")
    value = _EXACT.multiply(Decimal(minor), factor)
    return _round(value, shift=exponent(to_currency) - exponent(from_currency), shown=minor)
