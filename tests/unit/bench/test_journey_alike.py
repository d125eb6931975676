"""The bench's like-for-like cases say the same from every form of the journeys, as the kernel."""

from pathlib import Path

import numpy as np
import pytest

from processors.domain.attribution import STANDARD_MODELS, UNIT, WINDOWS, credit_columns
from tests.bench import journey_rows
from tests.bench.journey_alike import CASES, Answers
from tests.bench.journey_cases import conversions

JOURNEYS = 3_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    own = tmp_path_factory.mktemp("journeys")
    journey_rows.write(JOURNEYS, own)
    return own


def answers(folder: Path, models: str) -> list[Answers]:
    found = {name: case for name, case in CASES.items() if name.startswith(f"{models}, ")}
    assert len(found) >= 2
    return [work(read(folder)) for read, work in found.values()]


@pytest.mark.parametrize("models", ["3 models", "5 models", "7 models", "Markov"])
def test_text_and_arrays_have_the_same_answers(folder: Path, models: str) -> None:
    first, *others = answers(folder, models)
    for other in others:
        assert first.keys() == other.keys()
        for model, of in first.items():
            assert other[model] == pytest.approx(of, rel=1e-4)


def test_they_are_the_kernels_in_a_window_that_holds_every_touch(folder: Path) -> None:
    batch = conversions(journey_rows.arrays(folder), model=True)
    totals = np.zeros((len(batch.channels), len(STANDARD_MODELS)))
    for told in credit_columns(batch):
        np.add.at(totals, told.channel, told.credit[:, :, len(WINDOWS) - 1])
    (read, work) = CASES["7 models, from arrays"]
    found = work(read(folder))
    for place, model in enumerate(STANDARD_MODELS):
        kernel = dict(zip(batch.channels, (totals[:, place] / UNIT).tolist(), strict=True))
        assert found[model] == pytest.approx(kernel)
