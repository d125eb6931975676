"""The local log that stands in for Kafka while the brokers are away.

Segments of frames (length, checksum, record) in order of arrival. `append` returns after fsync,
and all appends that wait together share one. Nothing is overwritten; a segment is deleted once
all of it is in Kafka, so after a crash some records may be produced again, which every consumer
absorbs. A torn last frame was never confirmed to anyone and is cut off on opening.
"""

import fcntl
import os
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import BinaryIO, Final

from processors.engine.kafka import Raw
from processors.engine.settings import Incomplete

_HEAD: Final = struct.Struct(">II")
_BODY: Final = struct.Struct(">QHI")
_SUFFIX: Final = ".spool"


class Full(Exception):
    """No room: neither the bound nor the disk lets more in."""


@dataclass(slots=True)
class Segment:
    """One file, its size, and how many records of it are not in Kafka yet."""

    path: Path
    size: int
    records: int


def frame(raw: Raw) -> bytes:
    """A record with its length and checksum; the topic of one of a trace is followed by it."""
    topic = (f"{raw.topic}\n{raw.traceparent}" if raw.traceparent else raw.topic).encode()
    key = raw.key or b""
    head = _BODY.pack(raw.timestamp or 0, len(topic), len(key))
    body = head + topic + key + (raw.value or b"")
    return _HEAD.pack(len(body), zlib.crc32(body)) + body


def frames(data: bytes) -> Iterator[tuple[Raw, int]]:
    """Each record with the position after it; ends at the first frame that is not whole."""
    at = 0
    while at + _HEAD.size <= len(data):
        length, checksum = _HEAD.unpack_from(data, at)
        body = data[at + _HEAD.size : at + _HEAD.size + length]
        if len(body) != length or length < _BODY.size or zlib.crc32(body) != checksum:
            return
        timestamp, topic_length, key_length = _BODY.unpack_from(body)
        key_at = _BODY.size + topic_length
        value_at = key_at + key_length
        at += _HEAD.size + length
        topic, _, traceparent = body[_BODY.size : key_at].decode().partition("\n")
        raw = Raw(topic, body[key_at:value_at], body[value_at:], timestamp)
        yield raw._replace(traceparent=traceparent) if traceparent else raw, at


class Spool:
    """The segments of one directory, which belongs to one process."""

    def __init__(self, directory: Path, *, max_bytes: int, segment_bytes: int) -> None:
        self._directory = directory
        self._max_bytes = max_bytes
        self._segment_bytes = segment_bytes
        self._segments: list[Segment] = []
        self._file: FileIO | None = None
        self._lock: BinaryIO | None = None
        self._next = 1
        self.damaged = 0
        """Segments with a broken frame that is not at the end of the last one; kept aside."""

    @property
    def records(self) -> int:
        """Records that wait."""
        return sum(segment.records for segment in self._segments)

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return sum(segment.size for segment in self._segments)

    def has_room(self, length: int) -> bool:
        """Whether that much more fits within the bound, and on the disk."""
        if self.size + length > self._max_bytes:
            return False
        disk = os.statvfs(self._directory)
        return length <= disk.f_bavail * disk.f_frsize

    def open(self) -> None:
        """Find what an earlier process left behind.

        Raises:
            Incomplete: when another process has the directory.
        """
        self._directory.mkdir(parents=True, exist_ok=True)
        self._lock = (self._directory / "lock").open("wb")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self.close()
            raise Incomplete(f"the spool {self._directory} belongs to another process") from None
        paths = sorted(self._directory.glob(f"*{_SUFFIX}"))
        for path in paths:
            self._next = int(path.stem) + 1
            self._recover(path, last=path is paths[-1])

    def append(self, rows: Sequence[bytes]) -> None:
        """Write frames and fsync them. Blocks: call it in a thread, one call at a time.

        Raises:
            Full: and nothing of it will be found again.
        """
        data = b"".join(rows)
        if not self.has_room(len(data)):
            raise Full
        try:
            file, segment = self._tail()
            _write(file, data)
            os.fsync(file.fileno())
        except OSError as error:
            self._abandon()
            raise Full from error
        segment.size += len(data)
        segment.records += len(rows)

    def first(self) -> list[Raw]:
        """The records of the oldest segment, which takes no more from now on."""
        if len(self._segments) == 1:
            self._close()
        return [raw for raw, _ in frames(self._segments[0].path.read_bytes())]

    def forget_first(self) -> None:
        """The oldest segment is in Kafka."""
        self._segments.pop(0).path.unlink()

    def close(self) -> None:
        """Let go of the directory; the segments stay."""
        self._close()
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _recover(self, path: Path, *, last: bool) -> None:
        data = path.read_bytes()
        good, records = 0, 0
        for _, after in frames(data):
            good, records = after, records + 1
        if good < len(data):
            if not last:  # no crash tears these: keep what follows for a human
                self.damaged += 1
                path.with_suffix(".torn").write_bytes(data[good:])
            with path.open("r+b") as file:
                file.truncate(good)
                os.fsync(file.fileno())
        if records:
            self._segments.append(Segment(path, good, records))
        else:
            path.unlink()

    def _tail(self) -> tuple[FileIO, Segment]:
        if self._file is not None and self._segments[-1].size >= self._segment_bytes:
            self._close()
        if self._file is None:
            path = self._directory / f"{self._next:016d}{_SUFFIX}"
            # Without a buffer: closed after a full disk, it would write the refused record again.
            self._file = path.open("xb", buffering=0)
            self._next += 1
            self._segments.append(Segment(path, 0, 0))
            self._sync_directory()
        return self._file, self._segments[-1]

    def _abandon(self) -> None:
        """After a failed write: cut off what may have been written and start another file."""
        file, self._file = self._file, None
        if file is None:
            return
        segment = self._segments[-1]
        try:
            os.ftruncate(file.fileno(), segment.size)
            file.close()
        except OSError:
            self.damaged += 1
        if not segment.records:
            self._segments.pop()
            segment.path.unlink(missing_ok=True)

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _sync_directory(self) -> None:
        handle = os.open(self._directory, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _write(file: FileIO, data: bytes) -> None:
    """All of it: a disk that fills takes a part first, and refuses the rest."""
    left = memoryview(data)
    while left:
        left = left[file.write(left) :]
