"""Training: the gate, the same bits in any order and with any threads, and one rule of credit."""

import os
import subprocess
import sys
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from processors.domain.attribution import MODELS, UNIT, CreditSettings, model_document
from processors.domain.attribution.learning import Refused, Trained, TrainingJourneys, train
from tests.support.crediting import Journey, Touch, credit_batch
from tests.support.simulated_journeys import MECHANISMS, Simulated, simulate
from tests.support.simulated_journeys.methods import training

from .rows import journeys, shuffled

SIZE = 4_000
ORDERED = MECHANISMS["ordered"]


def trained(given: TrainingJourneys) -> Trained:
    found = train(given)
    assert isinstance(found, Trained), found
    return found


def test_the_same_journeys_in_any_order_give_the_same_model_and_report() -> None:
    given = training(simulate(ORDERED, SIZE, seed=1))
    assert trained(given) == trained(shuffled(given, 1)) == trained(shuffled(given, 2))


def test_other_journeys_give_another_model() -> None:
    one, other = (trained(training(simulate(ORDERED, SIZE, seed=seed))) for seed in (1, 2))
    assert model_document.version(one.document) != model_document.version(other.document)


_ALONE = """
from processors.domain.attribution.learning import train
from tests.support.simulated_journeys import MECHANISMS, simulate
from tests.support.simulated_journeys.methods import training
print(train(training(simulate(MECHANISMS["ordered"], 4000, seed=1))))
"""


@pytest.mark.parametrize("threads", ["1", "2"])
def test_the_number_of_threads_changes_nothing(threads: str) -> None:
    told = subprocess.run(
        [sys.executable, "-c", _ALONE],
        env={**os.environ, "OPENBLAS_NUM_THREADS": threads, "OMP_NUM_THREADS": threads},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert told.strip() == str(trained(training(simulate(ORDERED, 4_000, seed=1))))


def test_the_kernel_credits_with_the_document_as_the_report_says() -> None:
    found = simulate(ORDERED, SIZE, seed=3)
    report = trained(training(found))
    model = model_document.parse(report.document)
    credit: Counter[str] = Counter()
    batch = [replace(journey, model=model) for journey in sold(found)]
    for journey, credited in zip(batch, credit_batch(batch), strict=True):
        own = credited.credit[:, MODELS.index("data_driven"), -1].tolist()
        for index, share in zip(credited.touches, own, strict=True):
            credit[journey.touches[index].channel] += share
    for told in report.shares:
        assert credit[told.channel] / len(batch) / UNIT * 1e6 == pytest.approx(told.share, abs=1)


def sold(found: Simulated) -> list[Journey]:
    """The conversions as the kernel reads them; all journeys are shorter than its windows."""
    now = 1_700_000_000_000
    assert found.age_ms[found.converted[found.journey]].max() < 365 * 86_400_000
    return [
        Journey(
            converted_at=now,
            revenue=100,
            revenue_reporting=None,
            touches=[
                Touch(f"{n:03}", now - age, False, found.channels[code])
                for n, (age, code) in enumerate(
                    zip(found.age_ms[own].tolist(), found.channel[own].tolist(), strict=True)
                )
            ],
            settings=CreditSettings(),
        )
        for journey in np.flatnonzero(found.converted).tolist()
        for own in [slice(*np.searchsorted(found.journey, [journey, journey + 1]))]
    ]


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (journeys(*["a b !"] * 212, *["a"] * 400), "insufficient_conversions: 212 of 300"),
        (
            journeys(*["a b !"] * 300, *["a"] * 299),
            "insufficient_journeys_without_conversion: 299 of 300",
        ),
        (journeys(*["a !"] * 300, *["a"] * 300), "insufficient_channels: 1 of 2"),
        (
            journeys(*[f"rare{n} !" for n in range(300)], *["a"] * 300, *["b"] * 300),
            "insufficient_conversions: 0 of 300",
        ),
        (
            journeys(*["a rare !"] * 49, *["a !"] * 300, *["a"] * 300),
            "insufficient_channels: 1 of 2",
        ),
    ],
)
def test_too_little_to_learn_from_is_refused_by_its_number(
    given: TrainingJourneys, reason: str
) -> None:
    assert train(given) == Refused(reason)


def test_a_model_that_learned_nothing_is_refused() -> None:
    """Both channels sell alike: held out, what the model believes can only be noise."""
    random = np.random.default_rng(1)
    told = train(
        TrainingJourneys(
            channels=("a", "b"),
            journey=np.arange(SIZE),
            channel=random.integers(0, 2, SIZE),
            age_ms=np.full(SIZE, 10 * 86_400_000),
            converted=random.random(SIZE) < 0.15,
        )
    )
    assert isinstance(told, Refused)
    assert told.reason.startswith("no_better_than_base_rate: log loss ")
