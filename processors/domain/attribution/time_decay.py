"""time_decay: a touch's weight halves with every half-life of its age.

The weight is an integer by a rule that anyone can repeat in IEEE 754 doubles:

    age    = max(0, converted_at - occurred_at)                     integer milliseconds
    dt     = age - (age of the newest eligible touch)               integer milliseconds
    weight = floor(exp2(-(dt / (half_life_days * 86400000.0))) * 2**30 + 0.5)

with the C library's `exp2`, which is Python's `math.exp2` and not numpy's: vector routines may
differ in the last bit. Only ratios matter, so measuring age from the newest touch changes no
share, and it keeps that touch at exactly 2**30 however long ago it was: a sum is never 0. The
newest touch is the newest of every window that holds any, so a touch's weight is the same in all.
"""

import math
from typing import Final

import numpy as np

from processors.domain.attribution.models import FloatArray, IntArray
from processors.domain.attribution.paths import Paths

SCALE: Final = 2**30
"""Of the newest touch's weight: fine enough for credit, and SCALE * UNIT stays below 2**63."""


def weights(paths: Paths) -> IntArray:
    """The decayed weight of each step's touch."""
    timeline = paths.timeline
    dt = timeline.age_ms - timeline.age_ms[timeline.last]
    return decayed(dt, timeline.half_life_ms[timeline.journey])[paths.touch]


def decayed(dt: IntArray, half_life_ms: FloatArray | float) -> IntArray:
    """The weight at each `dt`, milliseconds of age above the newest touch's."""
    with np.errstate(over="ignore"):  # an age of endless half-lives weighs 0
        exponents = -(dt / half_life_ms)
    shares = np.array([math.exp2(exponent) for exponent in exponents.tolist()])
    return np.floor(shares * SCALE + 0.5).astype(np.int64)
