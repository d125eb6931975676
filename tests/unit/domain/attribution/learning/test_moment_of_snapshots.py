"""Why snapshots are taken after each touch: the same fit to the end of each journey misleads.

One example a journey, buyers seen at their conversion and the others when the data end, is the
plain way to train on journeys. It learns that recent touches sell, since only a buyer's are recent.
"""

import numpy as np
import pytest

from processors.domain.attribution.learning import Trained, train
from processors.domain.attribution.learning.design import blocks
from processors.domain.attribution.learning.features import features
from processors.domain.attribution.learning.fit import fit
from processors.domain.attribution.learning.journeys import sequences
from processors.domain.attribution.learning.shares import Conversions, credits
from tests.support.simulated_journeys import MECHANISMS, Simulated, simulate
from tests.support.simulated_journeys.methods import data_driven, error, training
from tests.support.simulated_journeys.walk import Floats

SIZE = 20_000


def at_the_end(given: Simulated) -> Floats:
    """Shares by a fit to one example a journey, ages as they are at its end."""
    found = sequences(training(given))
    shape = features(found)
    bucket = np.searchsorted(shape.bounds_ms, found.age_ms)
    cell = shape.column[found.channel] * shape.buckets + bucket
    entries, count = np.unique(found.owner * shape.cells + cell, return_counts=True)
    own, cell = np.divmod(entries, shape.cells)
    counts = np.zeros((len(found.ids), shape.cells), dtype=np.uint8)
    counts[own, cell] = np.minimum(count, shape.saturation)
    once, sold = np.ones(len(counts), dtype=np.int64), found.converted.astype(np.int64)
    fitted = fit(list(blocks(counts)), once, sold, shape)
    buyers = found.converted[own]
    paths = Conversions(
        of=(np.cumsum(sold) - 1)[own[buyers]],
        cell=cell[buyers],
        count=count[buyers],
        owner=np.flatnonzero(found.converted),
    )
    mean = credits(paths, fitted.coefficients / 1e6, shape).mean(axis=0)
    told = dict(zip(shape.channels, mean.tolist(), strict=True))
    return np.array([told[channel] for channel in given.channels])


@pytest.mark.parametrize("name", ["logistic", "ordered"])
def test_snapshots_at_the_end_of_journeys_are_at_least_one_and_a_half_times_as_far_off(
    name: str,
) -> None:
    given = simulate(MECHANISMS[name], SIZE, seed=9)
    report = train(training(given))
    assert isinstance(report, Trained)
    assert error(given, at_the_end(given)) > 1.5 * error(given, data_driven(given, report))
