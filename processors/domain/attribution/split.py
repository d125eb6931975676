"""Exact division of a total into integer shares, by largest remainder.

Each share is its quota rounded down; the units left over go one each to the largest remainders,
ties to the earlier step. Shares therefore add up to the total exactly and depend on nothing but
weights and order. Everything is exact in int64: a weight is at most 2**33, and money, which may be
larger, is multiplied in two halves.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from processors.domain.attribution.models import UNIT, IntArray

MOST_WEIGHT: Final = 2**33
_INT_BITS: Final = 63


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """Consecutive, non-empty runs of steps; each run shares one total."""

    first: IntArray
    size: IntArray


def split_credit(weights: IntArray, groups: Groups) -> IntArray:
    """Divides one UNIT per group in proportion to the weights, which must not be all 0."""
    total = np.repeat(np.add.reduceat(weights, groups.first), groups.size)
    shares, remainders = np.divmod(weights * UNIT, total)
    return _hand_out(shares, remainders, np.full(len(groups.first), UNIT), groups)


def split_money(credit: IntArray, amounts: IntArray, groups: Groups) -> IntArray:
    """Divides each group's amount in proportion to credit, which must add up to UNIT."""
    whole, part = np.divmod(amounts, UNIT)
    shares, remainders = np.divmod(np.repeat(part, groups.size) * credit, UNIT)
    shares += np.repeat(whole, groups.size) * credit
    return _hand_out(shares, remainders, amounts, groups)


def _hand_out(shares: IntArray, remainders: IntArray, totals: IntArray, groups: Groups) -> IntArray:
    """Adds what rounding down left over; fewer units than there are positive remainders."""
    left = totals - np.add.reduceat(shares, groups.first)
    short = np.flatnonzero(left)
    if not len(short):
        return shares
    size = groups.size[short]
    start = np.cumsum(size) - size
    group = np.repeat(np.arange(len(short)), size)
    rank = np.arange(len(group)) - start[group]
    steps = groups.first[short][group] + rank
    # Group by group, the greatest remainder first, in one number: half the cost of two sorts. The
    # sort is stable, so equal remainders keep the order of their steps.
    own = remainders[steps]
    bits = int(own.max()).bit_length()
    assert bits + len(short).bit_length() < _INT_BITS
    best = steps[np.argsort((group << bits) - own, kind="stable")]
    shares[best[rank < left[short][group]]] += 1
    return shares
