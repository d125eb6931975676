"""Sums that no order of their terms can change.

A double adds integers exactly up to 2**53. Terms that are rounded to multiples of a power of two,
small enough to matter to nobody and large enough for the whole sum to fit, therefore have one sum,
whatever the order of rows and however a library divides its work among threads.
"""

from typing import Final

import numpy as np

from processors.domain.attribution.models import FloatArray, IntArray

_EXACT_BITS: Final = 52


def exact_scale(terms: int, largest: int) -> float:
    """By what to multiply terms, each up to `largest`, before rounding them to integers."""
    return 2.0 ** (_EXACT_BITS - max(1, terms * largest).bit_length())


def summed(index: IntArray, terms: FloatArray, size: int) -> FloatArray:
    """Of each index below `size`, the sum of its terms."""
    return np.asarray(np.bincount(index, weights=terms, minlength=size), dtype=np.float64)
