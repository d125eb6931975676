"""Kafka's murmur2 of many keys at once, in arrays."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from processors.engine.partitioner import SEED, M


def murmur2_side_by_side(keys: Sequence[bytes], length: int) -> NDArray[np.uint32]:
    """The hashes of keys that are all of one length; arithmetic wraps at 32 bits by itself."""
    rows = np.frombuffer(b"".join(keys), np.uint8).reshape(len(keys), length)
    whole, rest = length & ~3, length & 3
    multiplier = np.uint32(M)
    hashed = np.full(len(keys), SEED ^ length, np.uint32)
    words = np.ascontiguousarray(rows[:, :whole]).view("<u4") * multiplier
    words ^= words >> np.uint32(24)
    words *= multiplier
    for step in range(whole >> 2):
        hashed *= multiplier
        hashed ^= words[:, step]
    if rest:
        last = np.zeros((len(keys), 4), np.uint8)
        last[:, :rest] = rows[:, whole:]
        hashed = (hashed ^ last.view("<u4")[:, 0]) * multiplier
    hashed = (hashed ^ hashed >> np.uint32(13)) * multiplier
    return hashed ^ hashed >> np.uint32(15)
