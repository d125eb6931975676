"""Which partition a key belongs to: murmur2 as Kafka's own clients have it, so that every producer
in every language agrees. Four bytes a step, which halves the cost of the usual byte-wise version.
"""

from functools import cache
from struct import Struct
from typing import Final

_SEED: Final = 0x9747B28C
_M: Final = 0x5BD1E995
_MASK: Final = 0xFFFFFFFF


@cache
def _words(count: int) -> Struct:
    return Struct(f"<{count}I")


def murmur2(data: bytes) -> int:
    """The 32-bit hash of the bytes, unsigned."""
    length = len(data)
    count = length >> 2
    hashed = _SEED ^ length
    for word in _words(count).unpack_from(data):
        word = word * _M & _MASK
        word ^= word >> 24
        hashed = hashed * _M & _MASK ^ word * _M & _MASK
    if rest := data[count << 2 :]:
        hashed = (hashed ^ int.from_bytes(rest, "little")) * _M & _MASK
    hashed = (hashed ^ hashed >> 13) * _M & _MASK
    return hashed ^ hashed >> 15


def partition_of(key: bytes, count: int) -> int:
    """The partition of a key among `count`."""
    return (murmur2(key) & 0x7FFFFFFF) % count
