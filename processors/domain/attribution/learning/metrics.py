"""How good a model is on journeys that it was not trained on."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from processors.domain.attribution.learning.design import Block
from processors.domain.attribution.learning.examples import HELD_OUT, TRAINED, Examples
from processors.domain.attribution.learning.logistic import logistic
from processors.domain.attribution.models import FloatArray, IntArray

_DECILES: Final = 10
_DIGITS: Final = 6


@dataclass(frozen=True, slots=True)
class Decile:
    """Snapshots of like predicted probability: how many, conversions expected and seen."""

    snapshots: int
    expected: float
    sold: int


@dataclass(frozen=True, slots=True)
class Metrics:
    """On held-out snapshots. `log_loss` is per snapshot, in nats; `base_log_loss` is that of one
    who knows only the rate of the trained part. `auc` is None where all sold or none did."""

    snapshots: int
    sold: int
    auc: float | None
    log_loss: float
    base_log_loss: float
    calibration: tuple[Decile, ...]


def metrics(found: Examples, design: Sequence[Block], coefficients: IntArray) -> Metrics:
    """Of coefficients that were fitted to the trained part."""
    logit = np.zeros(len(found.key), dtype=np.int64)
    for block in design:
        logit[block.rows] = block.logits(coefficients)
    order = np.argsort(logit, kind="stable")
    order = order[found.seen[order, HELD_OUT] > 0]
    logit, seen, sold = logit[order], found.seen[order, HELD_OUT], found.sold[order, HELD_OUT]
    chance = logistic(logit)
    base = np.full(len(order), found.sold[:, TRAINED].sum() / found.seen[:, TRAINED].sum())
    return Metrics(
        snapshots=int(seen.sum()),
        sold=int(sold.sum()),
        auc=_auc(logit, seen, sold),
        log_loss=_log_loss(chance, seen, sold),
        base_log_loss=_log_loss(base, seen, sold),
        calibration=_calibration(chance, seen, sold),
    )


def _auc(logit: IntArray, seen: IntArray, sold: IntArray) -> float | None:
    """The chance that one who bought was given a higher probability than one who did not; ties
    count half. Rows by logit."""
    starts = np.flatnonzero(np.append(True, logit[1:] != logit[:-1])[: len(logit)])
    if not len(starts):
        return None
    yes = np.add.reduceat(sold, starts)
    no = np.add.reduceat(seen, starts) - yes
    pairs = int(yes.sum()) * int(no.sum())
    won = int((yes * (2 * (np.cumsum(no) - no) + no)).sum())
    return round(won / (2 * pairs), _DIGITS) if pairs else None


def _log_loss(chance: FloatArray, seen: IntArray, sold: IntArray) -> float:
    told = sold * np.log(chance) + (seen - sold) * np.log1p(-chance)
    return round(-math.fsum(told.tolist()) / max(int(seen.sum()), 1), _DIGITS)


def _calibration(chance: FloatArray, seen: IntArray, sold: IntArray) -> tuple[Decile, ...]:
    """Tenths of the snapshots, by predicted probability; like vectors stay together."""
    middle = np.cumsum(seen) - seen / 2
    tenth = (middle * _DECILES // max(int(seen.sum()), 1)).astype(np.int64)
    return tuple(
        Decile(
            snapshots=int(seen[own].sum()),
            expected=round(math.fsum((seen[own] * chance[own]).tolist()), _DIGITS),
            sold=int(sold[own].sum()),
        )
        for own in (tenth == n for n in range(_DECILES))
    )
