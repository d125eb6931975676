"""The tenant's own model: what its document says, and how one path is weighed by it."""

import json
import math
from dataclasses import dataclass
from fractions import Fraction

from tests.oracle.words import DAY_MS, Json

FIELDS = {"transform", "exclude", "position", "channels", "views"}
TRANSFORMS = {"unique", "exposure", "first", "remove_direct"}


@dataclass(frozen=True, slots=True)
class Step:
    """A touch of the path; `age` in milliseconds."""

    channel: str
    is_view: bool
    age: int


def definition(document: str) -> Json | None:
    """What the document says; None where it is none, or says what no model has."""
    try:
        found = json.loads(document)
    except ValueError:
        return None
    if not isinstance(found, dict) or found.keys() - FIELDS:
        return None
    if not TRANSFORMS.issuperset(found.get("transform", [])):
        return None
    numbers = [*found.get("channels", {}).values(), found.get("views", 1)]
    return None if any(not _fits(number) for number in numbers) else found


def _fits(number: object) -> bool:
    """A number from 0 on with three decimals at most."""
    if isinstance(number, bool) or not isinstance(number, int | float) or number < 0:
        return False
    return (Fraction(str(number)) * 1000).denominator == 1


def custom_weights(model: Json, path: list[Step]) -> list[int]:
    """Of each step of a path that is not empty, oldest first; 0 for those that are left out."""
    left = list(range(len(path)))
    for transform in model.get("transform", []):
        left = _transformed(transform, path, left)
    left = _without(path, left, set(model.get("exclude", [])))
    factors = {n: _factor(model, path[n]) for n in left}
    bases = _bases(model.get("position", "equal"), path, left, factors)
    found = {n: base * factors[n] for n, base in zip(left, bases, strict=True)}
    if not any(found.values()):
        found = {n: int(factor > 0) for n, factor in factors.items()}
    if not any(found.values()):
        found = dict.fromkeys(left, 1)
    return _bounded([found.get(n, 0) for n in range(len(path))])


def _transformed(transform: str, path: list[Step], left: list[int]) -> list[int]:
    channels = [path[n].channel for n in left]
    match transform:
        case "exposure":
            return [n for i, n in enumerate(left) if i == 0 or channels[i] != channels[i - 1]]
        case "first":
            return [n for i, n in enumerate(left) if channels[i] not in channels[:i]]
        case "remove_direct":
            return _without(path, left, {"direct"})
        case _:
            return left


def _without(path: list[Step], left: list[int], channels: set[str]) -> list[int]:
    return [n for n in left if path[n].channel not in channels] or left


def _factor(model: Json, step: Step) -> int:
    """In millionths: of the channel, times that of a view."""
    multipliers = [model.get("channels", {}).get(step.channel, 1)]
    multipliers += [model.get("views", 1) if step.is_view else 1]
    return math.prod(int(Fraction(str(one)) * 1000) for one in multipliers)


def _bases(
    position: str | Json, path: list[Step], left: list[int], factors: dict[int, int]
) -> list[int]:
    count = len(left)
    if isinstance(position, str):
        return [1] * count
    if "half_life_days" in position:
        earning = [n for n in left if factors[n]] or left
        newest = path[earning[-1]].age
        return [
            halved(max(0, path[n].age - newest), float(position["half_life_days"])) for n in left
        ]
    first, middle, last = (
        int(Fraction(str(position[name])) * 1000) for name in ("first", "middle", "last")
    )
    between = max(count - 2, 1)
    if count == 1:
        return [1]
    return [first * between, *[middle] * (count - 2), last * between]


def halved(dt: int, half_life_days: float) -> int:
    """What is left of 2**30 after `dt` milliseconds, rounded half up; IEEE doubles."""
    return math.floor(math.exp2(-(dt / (half_life_days * float(DAY_MS)))) * 2**30 + 0.5)


def _bounded(weights: list[int]) -> list[int]:
    """In lowest terms, and then halved until none is above 2**33."""
    whole = math.gcd(*weights)
    found = [weight // whole for weight in weights]
    while max(found) > 2**33:
        found = [weight // 2 for weight in found]
    return found
