"""Credit of one conversion: which touches count, and how each model divides the whole."""

import math
from dataclasses import dataclass
from typing import Any

from tests.oracle.commands import Commands
from tests.oracle.custom import Step, custom_weights, halved
from tests.oracle.touches import Touch
from tests.oracle.words import DAY_MS, UNIT, WINDOWS

Trained = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Credit:
    """One row of attribution_results, with the touch it is about."""

    touch: Touch
    model: str
    window: str
    credit: int
    revenue: int
    reporting: int | None


def counts(touch: Touch, *, converted_at: int, days: int, rules: Commands) -> bool:
    """Whether the touch lies in the window, both ends floored to the second."""
    if touch.type == "view":
        if rules.settings["attribution_mode"] == "clicks_only":
            return False
        if rules.view_window is not None:
            days = min(days, rules.view_window)
    days = min(days, int(rules.settings["lookback_days"] or 365))
    age_seconds = converted_at // 1000 - touch.occurred_at // 1000
    return 0 <= age_seconds <= days * 24 * 3600


def journey(touches: list[Touch], *, converted_at: int, rules: Commands) -> list[Touch]:
    """The touches that count in the widest window, oldest first: the first and the newest."""
    counted = sorted(
        (t for t in touches if counts(t, converted_at=converted_at, days=365, rules=rules)),
        key=lambda t: (t.occurred_at, t.id),
    )
    surplus = len(counted) - int(rules.settings["max_touches"])
    return [touch for n, touch in enumerate(counted) if n == 0 or n >= surplus]


def credits(
    path: list[Touch],
    *,
    converted_at: int,
    net: int,
    reporting: int | None,
    rules: Commands,
    trained: Trained | None = None,
) -> list[Credit]:
    """A row for each touch of the journey in each model and window where it counts."""
    rows: list[Credit] = []
    done: dict[int, list[tuple[Touch, str, int, int, int | None]]] = {}
    for window, days in WINDOWS.items():
        held = [t for t in path if counts(t, converted_at=converted_at, days=days, rules=rules)]
        # A longer window holds all of a shorter one: as many touches are the same touches.
        if len(held) not in done:
            done[len(held)] = list(
                _divided(
                    held,
                    converted_at=converted_at,
                    net=net,
                    reporting=reporting,
                    rules=rules,
                    trained=trained,
                )
            )
        rows += [
            Credit(touch, model, window, credit, revenue, converted)
            for touch, model, credit, revenue, converted in done[len(held)]
        ]
    return rows


def _divided(
    path: list[Touch],
    *,
    converted_at: int,
    net: int,
    reporting: int | None,
    rules: Commands,
    trained: Trained | None,
) -> list[tuple[Touch, str, int, int, int | None]]:
    if not path:
        return []
    half_life = float(rules.settings["half_life_days"])
    rows: list[tuple[Touch, str, int, int, int | None]] = []
    for model in rules.models:
        if model == "custom" and rules.custom is not None:
            steps = [
                Step(t.channel, t.type == "view", max(0, converted_at - t.occurred_at))
                for t in path
            ]
            weighed = custom_weights(rules.custom, steps)
        else:
            weighed = weights(
                model, path, converted_at=converted_at, half_life_days=half_life, trained=trained
            )
        shares = largest_remainder(UNIT, weighed)
        money = largest_remainder(net, shares)
        converted: list[int] | list[None] = (
            [None] * len(path) if reporting is None else largest_remainder(reporting, shares)
        )
        rows += [(path[n], model, shares[n], money[n], converted[n]) for n in range(len(path))]
    return rows


def weights(
    model: str,
    path: list[Touch],
    *,
    converted_at: int,
    half_life_days: float,
    trained: Trained | None = None,
) -> list[int]:
    """Integers in the proportion of which the model divides; the path is oldest first.

    `trained` is the document of a data_driven model, as JSON says it.
    """
    n = len(path)
    match model:
        case "first_touch":
            return [1] + [0] * (n - 1)
        case "last_touch":
            return [0] * (n - 1) + [1]
        case "linear":
            return [1] * n
        case "data_driven":
            return [1] * n if trained is None else removal(path, converted_at, trained)
        case "position_based":
            return [1] * n if n < 3 else [2 * (n - 2), *[1] * (n - 2), 2 * (n - 2)]
        case "last_non_direct":
            named = [i for i, touch in enumerate(path) if touch.channel != "direct"]
            chosen = named[-1] if named else n - 1
            return [int(i == chosen) for i in range(n)]
        case _:
            return _decay(path, converted_at=converted_at, half_life_days=half_life_days)


def _decay(path: list[Touch], *, converted_at: int, half_life_days: float) -> list[int]:
    """Halves with every half-life of age, measured from the newest touch."""
    ages = [max(0, converted_at - touch.occurred_at) for touch in path]
    return [halved(age - ages[-1], half_life_days) for age in ages]


def removal(path: list[Touch], converted_at: int, trained: Trained) -> list[int]:
    """By what the conversion's probability loses when a channel's touches are gone from the path,
    and inside a channel by each touch's own effect; all alike where nothing is lost."""
    ages = [max(0, converted_at - touch.occurred_at) for touch in path]
    cells = [
        (touch.channel, sum(age - ages[-1] > days * DAY_MS for days in trained["recency_days"]))
        for touch, age in zip(path, ages, strict=True)
    ]
    known = trained["effects"]
    effect = {(name, b): known[name][b] if name in known else 0 for name, b in cells}
    many = {cell: cells.count(cell) for cell in effect}
    counted = {cell: min(many[cell], trained["saturation"]) for cell in effect}
    whole: dict[str, int] = {}
    gains: dict[str, int] = {}
    for cell in effect:
        whole[cell[0]] = whole.get(cell[0], 0) + counted[cell] * effect[cell]
        gains[cell[0]] = gains.get(cell[0], 0) + counted[cell] * max(effect[cell], 0)
    logit = trained["intercept"] + sum(whole.values())
    fall = {name: _fall(own, logit - own) for name, own in whole.items()}
    greatest = max(fall.values())
    if greatest == 0:
        return [1] * len(path)
    own = []
    for cell in cells:
        part = 0.0
        if fall[cell[0]] > 0:
            of_cell = float(counted[cell] * max(effect[cell], 0))
            part = of_cell / float(gains[cell[0]] * many[cell])
        own.append(math.floor(fall[cell[0]] / greatest * part * 2**33 + 0.5))
    return own


def _fall(own: int, others: int) -> float:
    """Of the logistic function without `own`, but for the factor of the whole path."""
    if own <= 0:
        return 0.0
    return -math.expm1(-(own / 1e6)) / (1.0 + math.exp(min(others, 600_000_000) / 1e6))


def largest_remainder(total: int, weights: list[int]) -> list[int]:
    """Whole shares that add up to the total: rounded down, the rest to the largest remainders,
    ties to the earlier."""
    whole = sum(weights)
    shares = [total * weight // whole for weight in weights]
    left = total - sum(shares)
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))
    for i in by_remainder[:left]:
        shares[i] += 1
    return shares
