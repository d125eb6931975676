"""The rules of credit once more, slow and plain, in Python integers and fractions.

It shares no code with the kernel: one touch and one window at a time, so that what the tests
compare is two readings of the same rules.
"""

import math
from dataclasses import dataclass
from fractions import Fraction

from tests.oracle import touches as oracle_touches
from tests.oracle.credit import removal
from tests.oracle.custom import Step, custom_weights
from tests.oracle.words import Json
from tests.support.crediting import Journey, Touch

DAYS = {"1d": 1, "3d": 3, "7d": 7, "14d": 14, "28d": 28, "30d": 30, "90d": 90, "ltv": 365}
BILLION = 10**9
Cells = list[list[list[int]]]


@dataclass(frozen=True)
class Expected:
    touches: list[int]
    first_window: list[int]
    credit: Cells
    revenue: Cells
    revenue_reporting: Cells | None


def expected(journey: Journey, custom: Json | None = None) -> Expected:
    """`custom` is what the document of the journey's own model says."""
    ordered = sorted(
        (i for i, touch in enumerate(journey.touches) if counts(journey, touch, days=365)),
        key=lambda i: (journey.touches[i].occurred_at, journey.touches[i].touchpoint_id),
    )
    newest = journey.settings.max_touches
    ordered = [i for n, i in enumerate(ordered) if n == 0 or n >= len(ordered) - newest]
    models = 7 if custom is None else 8
    credit = [[[0] * 8 for _ in range(models)] for _ in ordered]
    revenue = [[[0] * 8 for _ in range(models)] for _ in ordered]
    reporting = [[[0] * 8 for _ in range(models)] for _ in ordered]
    for w, days in enumerate(DAYS.values()):
        places = [
            n for n, i in enumerate(ordered) if counts(journey, journey.touches[i], days=days)
        ]
        path = [journey.touches[ordered[n]] for n in places]
        for m, weights in enumerate(all_weights(journey, path, custom)) if path else ():
            shares = largest_remainder(BILLION, weights)
            split = largest_remainder(journey.revenue, shares)
            split_reporting = largest_remainder(journey.revenue_reporting or 0, shares)
            for k, n in enumerate(places):
                credit[n][m][w] = shares[k]
                revenue[n][m][w] = split[k]
                reporting[n][m][w] = split_reporting[k]
    first = [
        next(w for w, d in enumerate(DAYS.values()) if counts(journey, journey.touches[i], days=d))
        for i in ordered
    ]
    has_rate = journey.revenue_reporting is not None
    return Expected(ordered, first, credit, revenue, reporting if has_rate else None)


def counts(journey: Journey, touch: Touch, *, days: int) -> bool:
    if touch.is_view:
        if journey.settings.attribution_mode == "clicks_only":
            return False
        if journey.settings.view_window_days is not None:
            days = min(days, journey.settings.view_window_days)
    days = min(days, journey.settings.lookback_days)
    converted = math.floor(Fraction(journey.converted_at, 1000))
    occurred = math.floor(Fraction(touch.occurred_at, 1000))
    return converted - days * 24 * 3600 <= occurred <= converted


def all_weights(journey: Journey, path: list[Touch], custom: Json | None) -> list[list[int]]:
    n = len(path)
    one_hot = [[int(i == j) for j in range(n)] for i in range(n)]
    named = [i for i in range(n) if path[i].channel != "direct"]
    positions = {1: [1], 2: [1, 1]}.get(n) or [2 * (n - 2), *[1] * (n - 2), 2 * (n - 2)]
    steps = [Step(t.channel, t.is_view, max(0, journey.converted_at - t.occurred_at)) for t in path]
    return [
        one_hot[0],
        one_hot[-1],
        [1] * n,
        decay(journey, path),
        positions,
        learned(journey, path),
        one_hot[named[-1] if named else -1],
        *([] if custom is None else [custom_weights(custom, steps)]),
    ]


def learned(journey: Journey, path: list[Touch]) -> list[int]:
    """By the oracle's reading of the model's document."""
    if journey.model is None:
        return [1] * len(path)
    model = journey.model
    return removal(
        [
            oracle_touches.Touch(t.touchpoint_id, "", t.occurred_at, "click", t.channel, "", "", ())
            for t in path
        ],
        journey.converted_at,
        {
            "recency_days": list(model.recency_days),
            "saturation": model.saturation,
            "intercept": model.intercept,
            "effects": {channel: list(own) for channel, own in model.effects.items()},
        },
    )


def decay(journey: Journey, path: list[Touch]) -> list[int]:
    ages = [max(0, journey.converted_at - touch.occurred_at) for touch in path]
    half_life_ms = journey.settings.half_life_days * 86_400_000.0
    return [math.floor(math.exp2(-((age - ages[-1]) / half_life_ms)) * 2**30 + 0.5) for age in ages]


def largest_remainder(total: int, weights: list[int]) -> list[int]:
    quotas = [Fraction(total * weight, sum(weights)) for weight in weights]
    shares = [math.floor(quota) for quota in quotas]
    by_remainder = sorted(range(len(quotas)), key=lambda i: (shares[i] - quotas[i], i))
    for i in by_remainder[: total - sum(shares)]:
        shares[i] += 1
    return shares
