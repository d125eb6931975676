"""Linear systems solved in a fixed order of operations, so that every machine gets the same bits.

LAPACK divides its work by threads and by what the processor can do; elimination written as outer
products is nothing but single multiplications and subtractions, which IEEE 754 fixes.
"""

import numpy as np

from processors.domain.attribution.models import FloatArray


def solved(matrix: FloatArray, right: FloatArray) -> FloatArray:
    """The x of `matrix @ x = right`, by Gaussian elimination without exchange of rows; right for
    matrices that are symmetric and positive definite, or diagonally dominant. `right` is (n, m)."""
    left, x = matrix.copy(), right.copy()
    size = len(left)
    for k in range(size):
        factor = left[k + 1 :, k] / left[k, k]
        left[k + 1 :, k:] -= factor[:, np.newaxis] * left[k, k:]
        x[k + 1 :] -= factor[:, np.newaxis] * x[k]
    for k in reversed(range(size)):
        x[k] /= left[k, k]
        x[:k] -= left[:k, k, np.newaxis] * x[k]
    return x
