"""A file of records of one partition: frames one after another, compressed with zstd, whole or not
there at all.

A frame is offset, timestamp (epoch ms), length of the key and of the value (-1: null) as big-endian
`>qqii`, then the two. Headers are not kept: nothing that is served depends on one.
"""

import hashlib
import os
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import cramjam

from processors.engine.processor import Message

_HEAD: Final = struct.Struct(">qqii")


class Damaged(Exception):
    """A file is not what it was when it was written."""


def write(path: Path, records: Sequence[Message]) -> str:
    """Write a new file and have it on the disk; returns its SHA-256 in hex."""
    frames = bytearray()
    for r in records:
        frames += _HEAD.pack(r.offset, r.timestamp, _length(r.key), _length(r.value))
        frames += (r.key or b"") + (r.value or b"")
    return put(path, bytes(cramjam.zstd.compress(bytes(frames))))


def read(path: Path, topic: str, partition: int, *, sha256: str) -> Iterator[Message]:
    """The records, in order.

    Raises:
        Damaged: when the file is missing, or its content is not what was written.
    """
    frames = bytes(cramjam.zstd.decompress(content(path, sha256=sha256)))
    at = 0
    while at < len(frames):
        offset, timestamp, key_length, value_length = _HEAD.unpack_from(frames, at)
        at += _HEAD.size
        key, at = _part(frames, at, key_length)
        value, at = _part(frames, at, value_length)
        yield Message(topic, partition, offset, timestamp, key, value)


def put(path: Path, data: bytes) -> str:
    """Write in one step, durably; returns the SHA-256 in hex."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}")
    with unfinished.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return hashlib.sha256(data).hexdigest()


def content(path: Path, *, sha256: str) -> bytes:
    """The bytes of a file that `put` wrote.

    Raises:
        Damaged: when it is missing or has changed.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise Damaged(f"{path.name} is missing") from None
    if hashlib.sha256(data).hexdigest() != sha256:
        raise Damaged(f"{path.name} has changed since it was written")
    return data


def _length(data: bytes | None) -> int:
    return -1 if data is None else len(data)


def _part(frames: bytes, at: int, length: int) -> tuple[bytes | None, int]:
    return (None, at) if length < 0 else (frames[at : at + length], at + length)
