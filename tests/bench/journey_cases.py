"""Our cases over a million journeys: `python -m tests.bench.journey_cases CASE FOLDER`."""

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np

from processors.domain.attribution import (
    STANDARD_MODELS,
    UNIT,
    WINDOWS,
    CreditSettings,
    JourneyColumns,
    credit_columns,
)
from processors.domain.attribution.learning import Trained, half_life, train
from processors.domain.attribution.learning.markov import removal_effects, transitions
from tests.bench import journey_alike
from tests.bench.journey_alike import ages, coded, trained_on_some, training_of
from tests.bench.journey_rows import arrays, text
from tests.support.simulated_journeys import MECHANISMS, simulate
from tests.support.simulated_journeys.methods import UNTRAINED, data_driven, error, training

_NOW_MS: Final = 1_700_000_000_000
_TRUTH_SEED: Final = 7


def conversions(found: dict[str, Any], *, model: bool) -> JourneyColumns:
    """Those that credit has to divide, with or without a trained model."""
    own = found["converted"][found["journey"]]
    size = np.bincount(found["journey"])[found["converted"]]
    return JourneyColumns(
        converted_at=np.full(len(size), _NOW_MS),
        revenue=np.full(len(size), 4_999),
        revenue_reporting=np.full(len(size), 4_321),
        setting=np.zeros(len(size), dtype=np.int64),
        model=np.full(len(size), 0 if model else -1),
        size=size,
        occurred_at=_NOW_MS - found["age_ms"][own],
        is_view=np.zeros(int(own.sum()), dtype=np.bool_),
        channel=found["channel"][own],
        touchpoint_id=range(int(own.sum())),
        channels=tuple(found["channels"].tolist()),
        settings=[CreditSettings()],
        models=trained_on_some(found) if model else [],
    )


def _credit(batch: JourneyColumns) -> None:
    """Channel totals of conversions and of money in either currency, in all models and windows."""
    totals = np.zeros((3, len(batch.channels), len(STANDARD_MODELS) * len(WINDOWS)), dtype=np.int64)
    for told in credit_columns(batch):
        order = np.argsort(told.channel, kind="stable")
        channel, starts = np.unique(told.channel[order], return_index=True)
        for total, shares in zip(
            totals, (told.credit, told.revenue, told.revenue_reporting), strict=True
        ):
            flat = shares.reshape(len(shares), -1)[order]
            total[channel] += np.add.reduceat(flat, starts, axis=0)
    assert (totals[0].sum(axis=0) <= UNIT * len(batch.size)).all()
    assert totals[1, :, -1].sum() == batch.revenue[batch.size > 0].sum()


CASES: Final[dict[str, tuple[Callable[[Path], Any], Callable[[Any], object]]]] = {
    "text to arrays": (text, lambda given: (coded(given.paths), ages(given.hours))),
    "7 models x 8 windows, money": (lambda f: conversions(arrays(f), model=False), _credit),
    "the same, trained model": (lambda f: conversions(arrays(f), model=True), _credit),
    "Markov, exact": (
        lambda f: training_of(arrays(f)),
        lambda given: removal_effects(transitions(given)),
    ),
    "training, with metrics and intervals": (lambda f: training_of(arrays(f)), train),
    "half-life": (lambda f: training_of(arrays(f)), half_life),
}


def _truth(name: str, size: int) -> dict[str, Any]:
    """How far each method's shares are from the truth, in points, and each channel's interval."""
    found = simulate(MECHANISMS[name], size, seed=_TRUTH_SEED)
    report = train(training(found))
    assert isinstance(report, Trained), report
    true = dict(zip(found.channels, found.true_shares.tolist(), strict=True))
    lines = [
        f"{own.channel:>16} true {true[own.channel] * 100:6.2f}  "
        f"model {own.share / 1e4:6.2f} [{own.low / 1e4:.2f}, {own.high / 1e4:.2f}]"
        for own in report.shares
    ]
    inside = sum(own.low <= true[own.channel] * 1e6 <= own.high for own in report.shares)
    shares = {
        "data_driven": data_driven(found, report),
        **{method: told(found) for method, told in UNTRAINED.items()},
    }
    return {
        **{method: round(error(found, share), 3) for method, share in shares.items()},
        "intervals that hold the truth": f"{inside} of {len(report.shares)}",
        "held-out AUC": report.metrics.auc,
        "log loss": report.metrics.log_loss,
        "of base rate": report.metrics.base_log_loss,
        "conversions": report.conversions,
        "channels": lines,
    }


def main() -> None:
    """One case, told as JSON on the last line."""
    case, given = sys.argv[1:]
    if case.startswith("truth:"):
        sys.stdout.write(json.dumps(_truth(case.partition(":")[2], int(given))) + "\n")
        return
    alike = journey_alike.CASES.get(case)
    read, work = alike or CASES[case]
    rows = read(Path(given))
    wall, cpu = time.perf_counter(), time.process_time()
    answers = work(rows)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    told: dict[str, Any] = {"s": round(wall, 3), "cpu_s": round(cpu, 3), "peak_mb": round(peak)}
    if alike:
        told["answers"] = answers
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main()
