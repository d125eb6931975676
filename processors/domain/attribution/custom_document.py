"""A tenant's own credit model: the JSON document of the setting `custom_model`.

    {"transform": ["remove_direct", "exposure"], "exclude": ["affiliate"],
     "position": {"first": 40, "middle": 20, "last": 40},
     "channels": {"email": 0.5, "paid_social": 1.25}, "views": 0.3}

Every field may be left out: the model is then `linear`. What the fields mean is told in custom.py.
Decimals have at most three places, so that all that is computed with is whole: thousandths.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Final, Literal

Transform = Literal["unique", "exposure", "first", "remove_direct"]

TRANSFORMS: Final[tuple[Transform, ...]] = ("unique", "exposure", "first", "remove_direct")
THOUSAND: Final = 1_000
MOST_BYTES: Final = 32_768
MOST_CHANNELS: Final = 200
MOST_CHARACTERS: Final = 256
MOST_WEIGHT: Final = 1_000
MOST_MULTIPLIER: Final = 100
MOST_DAYS: Final = 999_999

_FIELDS: Final = ("transform", "exclude", "position", "channels", "views")
_ENDS: Final = ("first", "middle", "last")
_HALF_LIFE: Final = "half_life_days"
_PLACES: Final = 3
_PLACES_OF_DAYS: Final = 6


@dataclass(frozen=True, slots=True)
class Ends:
    """Weights by position, in thousandths; `middle` is shared by all between."""

    first: int
    middle: int
    last: int


@dataclass(frozen=True, slots=True)
class HalfLife:
    """Weights by age: half with every so many days."""

    days: float


@dataclass(frozen=True, slots=True)
class CustomModel:
    """A model ready to credit with."""

    version: str
    """12 hexadecimal digits of the document's SHA-256."""
    transforms: tuple[Transform, ...]
    exclude: frozenset[str]
    position: Ends | HalfLife | None
    """None: all positions alike."""
    channels: Mapping[str, int]
    """Multipliers in thousandths; 1,000 for a channel that is not named."""
    views: int
    """Multiplier of views in thousandths."""


@lru_cache(maxsize=256)
def model(document: str) -> CustomModel | None:
    """The document's model; None for an empty one, and for one that cannot be used, as with any
    setting."""
    try:
        return parse(document)
    except ValueError:
        return None


def parse(document: str) -> CustomModel | None:
    """The model; None for an empty text.

    Raises:
        ValueError: naming the field that cannot be used.
    """
    if not document.strip():
        return None
    if len(document.encode()) > MOST_BYTES:
        raise ValueError(f"longer than {MOST_BYTES} bytes")
    found = _json(document)
    if not isinstance(found, dict):
        raise ValueError("must be an object")
    if unknown := sorted(found.keys() - set(_FIELDS)):
        raise ValueError(f"{unknown[0]}: no such field; there are {', '.join(_FIELDS)}")
    return CustomModel(
        version=hashlib.sha256(document.encode()).hexdigest()[:12],
        transforms=_transforms(found.get("transform", [])),
        exclude=_exclude(found.get("exclude", [])),
        position=_position(found.get("position", "equal")),
        channels=_multipliers(found.get("channels", {})),
        views=_thousandths("views", found.get("views", Decimal(1)), most=1),
    )


def _json(document: str) -> object:
    """Numbers as decimals: all their digits, and none that a float would add."""
    try:
        return json.loads(
            document,
            parse_float=Decimal,
            parse_int=Decimal,
            parse_constant=_no_number,
            object_pairs_hook=_object,
        )
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise ValueError(f"no JSON: {error}") from None


def _no_number(name: str) -> object:
    raise ValueError(f"{name} is no number")


def _object(pairs: Iterable[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(f"{name} stands twice")
        found[name] = value
    return found


def _transforms(found: object) -> tuple[Transform, ...]:
    if not isinstance(found, list) or len(found) > len(TRANSFORMS):
        raise ValueError(f"transform: must be a list of at most {len(TRANSFORMS)} transforms")
    if any(name not in TRANSFORMS for name in found):
        raise ValueError(f"transform: may hold {', '.join(TRANSFORMS)}")
    return tuple(name for wanted in found for name in TRANSFORMS if name == wanted)


def _exclude(found: object) -> frozenset[str]:
    if not isinstance(found, list) or len(found) > MOST_CHANNELS:
        raise ValueError(f"exclude: must be a list of at most {MOST_CHANNELS} channels")
    if not all(map(_is_name, found)):
        raise ValueError(
            f"exclude: must be names of channels, {MOST_CHARACTERS} characters at most"
        )
    return frozenset(found)


def _multipliers(found: object) -> dict[str, int]:
    if not isinstance(found, dict) or len(found) > MOST_CHANNELS:
        raise ValueError(f"channels: must be an object with at most {MOST_CHANNELS} channels")
    if not all(map(_is_name, found)):
        raise ValueError(f"channels: must name channels, {MOST_CHARACTERS} characters at most")
    return {
        name: _thousandths(f"channels.{name}", multiplier, most=MOST_MULTIPLIER)
        for name, multiplier in found.items()
    }


def _is_name(found: object) -> bool:
    return isinstance(found, str) and 0 < len(found) <= MOST_CHARACTERS


def _position(found: object) -> Ends | HalfLife | None:
    if found == "equal":
        return None
    if isinstance(found, dict) and found.keys() == {_HALF_LIFE}:
        return HalfLife(_days(f"position.{_HALF_LIFE}", found[_HALF_LIFE]))
    if not isinstance(found, dict) or found.keys() != set(_ENDS):
        raise ValueError(
            f"position: must be equal, an object with {', '.join(_ENDS)}, or one with {_HALF_LIFE}"
        )
    ends = Ends(
        *(_thousandths(f"position.{name}", found[name], most=MOST_WEIGHT) for name in _ENDS)
    )
    if not ends.first + ends.middle + ends.last:
        raise ValueError("position: must not be all 0")
    return ends


def _days(where: str, found: object) -> float:
    number = _number(found, places=_PLACES_OF_DAYS)
    if number is None or not 0 < number <= MOST_DAYS:
        raise ValueError(
            f"{where}: must be a number above 0 and of {_PLACES_OF_DAYS} decimals at most,"
            f" {MOST_DAYS} at most"
        )
    return float(number)


def _thousandths(where: str, found: object, *, most: int) -> int:
    number = _number(found, places=_PLACES)
    if number is None or not 0 <= number <= most:
        raise ValueError(
            f"{where}: must be a number of 0 to {most}, with {_PLACES} decimals at most"
        )
    return int(number.scaleb(_PLACES))


def _number(found: object, *, places: int) -> Decimal | None:
    """The number; None for what is none, and for one with more decimals."""
    if not isinstance(found, Decimal):
        return None
    exponent = found.as_tuple().exponent
    return found if isinstance(exponent, int) and exponent >= -places else None
