"""data_driven without a trained model: the same as linear.

Below the minimum-data threshold there is nothing to learn from, so every touch counts alike. The
caller marks such rows as fallback.
"""

from processors.domain.attribution import linear
from processors.domain.attribution.models import IntArray
from processors.domain.attribution.paths import Paths


def weights(paths: Paths) -> IntArray:
    """The untrained weights: 1 for each step."""
    return linear.weights(paths)
