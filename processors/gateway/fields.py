"""Reading single fields: each function returns a clean value or raises `Refused` by name.

Lengths are bounded so that no id outgrows an index entry of Postgres. A number may stand for
an id (shops send them so) but not a fraction, since that has lost digits on its way.
"""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from processors.domain.consent import DECISIONS
from processors.domain.money import is_currency, to_minor
from processors.domain.times import check_bounds, parse_time
from processors.gateway.refusal import Refused

MAX_ID: Final = 256
MAX_NAME: Final = 128
MAX_SHORT: Final = 512
MAX_LONG: Final = 16_384
MAX_QUANTITY: Final = 1_000_000_000
MAX_COUNT: Final = 9_007_199_254_740_991
MAX_LIST: Final = 1_000
MAX_KEY: Final = 512
MAX_KEYS: Final = 1_000
MAX_DEPTH: Final = 128
"""Of what is kept as it came: who reads a record gives up at 200 levels, and each that hands it on
may put it one deeper."""
MAX_DECIMAL: Final = 999_999_999
_MILLIONTH: Final = Decimal("0.000001")

Item = Mapping[str, Any]


def text(value: object, name: str, limit: int) -> str | None:
    """The trimmed string; None when nothing is left of it."""
    if type(value) is not str:
        raise Refused(name, "must be a string")
    if len(value) > limit:
        raise Refused(name, f"is longer than {limit} characters")
    return value.strip() or None


def ident(value: object, name: str, limit: int = MAX_ID) -> str | None:
    """An id: a string, or an integer as its digits."""
    if type(value) is str:
        if len(value) > limit:
            raise Refused(name, f"is longer than {limit} characters")
        return value.strip() or None
    if type(value) is int:
        return str(value)
    raise Refused(name, "must be a string or an integer of at most 64 bits")


def required(item: Item, name: str) -> Any:
    """A field that must be there and not be null."""
    value = item.get(name)
    if value is None or value == "":
        raise Refused(name, "is required")
    return value


def moment(value: object, name: str) -> int:
    """Epoch milliseconds of RFC 3339 text or an epoch number."""
    if type(value) is not str and type(value) is not int and type(value) is not float:
        raise Refused(name, "must be RFC 3339 text or epoch milliseconds")
    try:
        return parse_time(value)
    except (ValueError, OverflowError):
        raise Refused(name, "is neither RFC 3339 nor epoch milliseconds") from None


def bounded(at: int, name: str, received_at: int) -> int:
    """The same time, unless it is too far ahead or before 2000."""
    try:
        check_bounds(at, received_at=received_at)
    except ValueError as error:
        raise Refused(name, str(error)) from None
    return at


def past(value: object, name: str, received_at: int) -> int:
    """A time within bounds."""
    return bounded(moment(value, name), name, received_at)


def currency(value: object, name: str) -> str:
    """An ISO 4217 code, in upper case."""
    code = value.strip().upper() if type(value) is str else ""
    if not is_currency(code):
        raise Refused(name, "is not an ISO 4217 currency code")
    return code


def money(value: object, name: str, code: str) -> int:
    """An amount in minor units, rounded half-even."""
    if type(value) is not str and type(value) is not int and type(value) is not float:
        raise Refused(name, "must be a decimal string or a number")
    try:
        return to_minor(value, code)
    except (ValueError, ArithmeticError):
        raise Refused(name, "is not an amount of money of at least 0") from None


def whole(value: object, name: str, limit: int) -> int:
    """An integer from 0 to the limit; digits in a string or a round float count as one."""
    if type(value) is str and value.isascii() and value.isdigit() and len(value) <= 16:
        value = int(value)
    if type(value) is float and value.is_integer():
        value = int(value)
    if type(value) is not int or not 0 <= value <= limit:
        raise Refused(name, f"must be an integer from 0 to {limit}")
    return value


def decimal(value: object, name: str) -> str:
    """A number from 0 to the limit as text with six decimals, rounded half-even."""
    said = repr(value) if type(value) is int or type(value) is float else value
    if type(said) is not str or len(said) > MAX_NAME or not said.isascii() or "_" in said:
        raise Refused(name, "must be a decimal string or a number")
    try:
        number = Decimal(said)
    except InvalidOperation:
        raise Refused(name, "must be a decimal string or a number") from None
    if not number.is_finite() or not 0 <= number <= MAX_DECIMAL:
        raise Refused(name, f"must be from 0 to {MAX_DECIMAL}")
    return f"{abs(number).quantize(_MILLIONTH):f}"


def mapping(value: object, name: str) -> dict[str, Any]:
    """A JSON object."""
    if type(value) is not dict:
        raise Refused(name, "must be an object")
    return value


def keys(value: object, name: str, depth: int = 1) -> None:
    """Refuse an object that has, anywhere inside, a key as long as a text or too many of them, or
    is nested without end."""
    if depth > MAX_DEPTH:
        raise Refused(name.partition(".")[0], "is nested too deeply")
    if type(value) is dict:
        if len(value) > MAX_KEYS:
            raise Refused(name, f"has more than {MAX_KEYS} keys")
        for key, inner in value.items():
            if len(key) > MAX_KEY:
                raise Refused(name, f"has a key longer than {MAX_KEY} characters")
            if type(inner) is dict or type(inner) is list:
                keys(inner, f"{name}.{key}", depth + 1)
    elif type(value) is list:
        for inner in value:
            if type(inner) is dict or type(inner) is list:
                keys(inner, name, depth + 1)


def entries(value: object, name: str) -> list[Any]:
    """A JSON array of a sane length."""
    if type(value) is not list:
        raise Refused(name, "must be an array")
    if len(value) > MAX_LIST:
        raise Refused(name, f"has more than {MAX_LIST} entries")
    return value


def consent(value: object, name: str) -> dict[str, str] | None:
    """Consent flags; unknown flags are left out."""
    flags = {}
    for flag, said in mapping(value, name).items():
        if flag in DECISIONS and said is not None:
            if said not in ("granted", "denied"):
                raise Refused(f"{name}.{flag}", "must be granted or denied")
            flags[flag] = said
    return flags or None
