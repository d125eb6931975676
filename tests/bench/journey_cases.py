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
    model_document,
)
from processors.domain.attribution.learning import Trained, TrainingJourneys, half_life, train
from processors.domain.attribution.learning.markov import removal_effects, transitions
from tests.bench.journey_rows import arrays, text
from tests.support.simulated_journeys import MECHANISMS, simulate
from tests.support.simulated_journeys.methods import UNTRAINED, data_driven, error, training

_NOW_MS: Final = 1_700_000_000_000
_SOME: Final = 20_000
"""Journeys that the model of the credit case is trained on, before the clock starts."""
_TRUTH_SEED: Final = 7


def _training(found: dict[str, Any]) -> TrainingJourneys:
    return TrainingJourneys(
        channels=tuple(found["channels"].tolist()),
        journey=found["journey"],
        channel=found["channel"],
        age_ms=found["age_ms"],
        converted=found["converted"][found["journey"]],
    )


def _first(given: TrainingJourneys, journeys: int) -> TrainingJourneys:
    upto = int(np.searchsorted(given.journey, journeys))
    return TrainingJourneys(
        channels=given.channels,
        journey=given.journey[:upto],
        channel=given.channel[:upto],
        age_ms=given.age_ms[:upto],
        converted=given.converted[:upto],
    )


def _conversions(found: dict[str, Any], *, model: bool) -> JourneyColumns:
    """Those that credit has to divide, with or without a trained model."""
    own = found["converted"][found["journey"]]
    size = np.bincount(found["journey"])[found["converted"]]
    told = train(_first(_training(found), _SOME)) if model else None
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
        models=[model_document.parse(told.document)] if isinstance(told, Trained) else [],
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


def _coded(rows: list[tuple[str, str]]) -> None:
    """Arrays from the text that the libraries are given."""
    codes: dict[str, int] = {}
    channel = [codes.setdefault(name, len(codes)) for path, _ in rows for name in path.split(" > ")]
    hours = [float(hour) for _, times in rows for hour in times.split(" > ")]
    age_ms = (np.array(hours) * 3_600_000).astype(np.int64)
    assert len(np.array(channel)) == len(age_ms)


CASES: Final[dict[str, tuple[Callable[[Path], Any], Callable[[Any], object]]]] = {
    "text to arrays": (text, _coded),
    "7 models x 8 windows, money": (lambda f: _conversions(arrays(f), model=False), _credit),
    "the same, trained model": (lambda f: _conversions(arrays(f), model=True), _credit),
    "Markov, exact": (
        lambda f: _training(arrays(f)),
        lambda given: removal_effects(transitions(given)),
    ),
    "training, with metrics and intervals": (lambda f: _training(arrays(f)), train),
    "half-life": (lambda f: _training(arrays(f)), half_life),
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
    read, work = CASES[case]
    rows = read(Path(given))
    wall, cpu = time.perf_counter(), time.process_time()
    work(rows)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    told = {"s": round(wall, 2), "cpu_s": round(cpu, 2), "peak_mb": round(peak)}
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main()
