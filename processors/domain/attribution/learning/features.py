"""What a model looks at: touches per channel and bucket of age, up to a saturation."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from processors.domain.attribution.learning.journeys import Sequences
from processors.domain.attribution.models import IntArray

RECENCY_DAYS: Final = (1, 3, 7, 14, 30, 90)
SATURATION: Final = 3
"""The fourth touch of a channel within the same bucket of age tells hardly anything new."""
RARE: Final = 50
"""A channel in fewer journeys than this has no effect of its own, as in Google's Ads Data Hub,
which leaves out touchpoints of fewer than 50 users."""
MOST_CHANNELS: Final = 64
"""The commonest; keeps the matrix of a tenant with very many custom channels in memory."""
_DAY_MS: Final = 86_400_000


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """The columns of the design matrix: `column * buckets + bucket`."""

    channels: tuple[str, ...]
    """Those with effects, by name."""
    column: IntArray
    """Per channel code, its place in `channels`, or -1."""
    recency_days: tuple[int, ...] = RECENCY_DAYS
    saturation: int = SATURATION

    @property
    def buckets(self) -> int:
        """Of a channel."""
        return len(self.recency_days) + 1

    @property
    def cells(self) -> int:
        """Of all channels."""
        return len(self.channels) * self.buckets

    @property
    def bounds_ms(self) -> IntArray:
        """The greatest age in each bucket but the last."""
        return np.array(self.recency_days, dtype=np.int64) * _DAY_MS


def features(found: Sequences) -> Features:
    """The channels that enough journeys have seen."""
    codes = len(found.channels)
    met = np.sort(found.owner * codes + found.channel)
    fresh = np.append(True, met[1:] != met[:-1])[: len(met)]
    journeys = np.bincount(met[fresh] % codes, minlength=codes)
    common = np.lexsort((np.arange(codes), -journeys))[:MOST_CHANNELS]
    kept = np.sort(common[journeys[common] >= RARE])
    column = np.full(codes, -1, dtype=np.int64)
    column[kept] = np.arange(len(kept))
    return Features(channels=tuple(found.channels[code] for code in kept), column=column)
