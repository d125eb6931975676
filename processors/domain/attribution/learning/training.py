"""From journeys to a model's document, with what there is to know about how good it is.

What no metric here shows is confounding. Where a hidden intent to buy causes both brand search and
the purchase, the model credits brand search with 10 points of a hundred though it does nothing (and
linear with 9, a Markov chain with 8), its intervals narrow around that: see the tests of planted
truth. Only an experiment can tell.
"""

from dataclasses import dataclass

from processors.domain.attribution.learning.design import blocks
from processors.domain.attribution.learning.examples import TRAINED, examples
from processors.domain.attribution.learning.features import Features, features
from processors.domain.attribution.learning.fit import Fit, fit
from processors.domain.attribution.learning.gate import Refused, shortfall
from processors.domain.attribution.learning.intervals import ChannelShare, channel_shares
from processors.domain.attribution.learning.journeys import TrainingJourneys, sequences
from processors.domain.attribution.learning.metrics import Metrics, metrics
from processors.domain.attribution.model_document import document


@dataclass(frozen=True, slots=True)
class Trained:
    """A model of all journeys; its metrics are those of a fit to four fifths of them, judged on
    the last fifth."""

    document: str
    journeys: int
    conversions: int
    metrics: Metrics
    shares: tuple[ChannelShare, ...]


def train(given: TrainingJourneys) -> Trained | Refused:
    """The same answer for the same journeys, in whatever order they are given."""
    found = sequences(given)
    shape = features(found)
    missing = shortfall(found, shape)
    if missing is not None:
        return Refused(missing)
    seen = examples(found, shape)
    design = list(blocks(seen.counts))
    judged = fit(design, seen.seen[:, TRAINED], seen.sold[:, TRAINED], shape)
    quality = metrics(seen, design, judged.coefficients)
    if quality.log_loss >= quality.base_log_loss:
        return Refused(
            f"no_better_than_base_rate: log loss {quality.log_loss} of {quality.base_log_loss}"
        )
    everyone = seen.seen.sum(axis=1), seen.sold.sum(axis=1)
    final = fit(design, *everyone, shape, start=judged.coefficients)
    return Trained(
        document=_document(final, shape),
        journeys=len(found.ids),
        conversions=int(found.converted.sum()),
        metrics=quality,
        shares=channel_shares(found, shape, final, fingerprint=seen.fingerprint),
    )


def _document(fitted: Fit, shape: Features) -> str:
    intercept, *effects = fitted.coefficients.tolist()
    return document(
        recency_days=shape.recency_days,
        saturation=shape.saturation,
        intercept=intercept,
        effects={
            channel: tuple(effects[n * shape.buckets : (n + 1) * shape.buckets])
            for n, channel in enumerate(shape.channels)
        },
    )
