"""The body of an upload onto disk: plain or compressed, alone or as a part of a form."""

import asyncio
import hashlib
import zlib
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, BinaryIO, Final

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from processors.gateway.body import Disconnected, Receive, too_large
from processors.gateway.refusal import Problem
from processors.gateway.settings import GatewaySettings

_TYPES: Final = frozenset({
    "", "text/csv", "application/csv", "text/tab-separated-values", "text/plain",
    "application/vnd.ms-excel", "application/octet-stream", "application/json", "text/json",
    "application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines",
})  # fmt: skip
_FORM: Final = "multipart/form-data"
_MAX_FIELD: Final = 1_024
_MAX_FIELDS: Final = 32
_PIECE: Final = 65_536
_STEP: Final = 4_096


class Received:
    """A file on disk, its SHA-256, and the fields that came with it. Close it."""

    def __init__(self, folder: Path, *, limit: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.file: BinaryIO = TemporaryFile(dir=folder)  # noqa: SIM115 (closed by the owner)
        self.fields: dict[str, str] = {}
        self.size = 0
        self._limit = limit
        self._hash = hashlib.sha256()

    @property
    def digest(self) -> str:
        """SHA-256 of the file, hex."""
        return self._hash.hexdigest()

    def write(self, data: bytes) -> None:
        """Append.

        Raises:
            Problem: 413 when it is too long, 503 when the disk is full.
        """
        self.size += len(data)
        if self.size > self._limit:
            raise too_large(self._limit)
        self._hash.update(data)
        try:
            self.file.write(data)
        except OSError:
            detail = "the disk has no room for it"
            raise Problem(503, "unavailable", detail, retry_after_seconds=60, close=True) from None

    def close(self) -> None:
        """The file is gone with this."""
        self.file.close()


class _Inflated:
    """Undoes gzip; what comes out is bounded by whoever takes it."""

    def __init__(self, into: "_Form | Received") -> None:
        self._into = into
        self._inflater = zlib.decompressobj(31)
        self._begun = False

    def write(self, data: bytes) -> None:
        # Members may be tiny, and after each one what is left is copied: so little at a time.
        for start in range(0, len(data), _STEP):
            self._write(data[start : start + _STEP])

    def _write(self, data: bytes) -> None:
        full = False
        while data or full:
            self._begun = True
            try:
                clear = self._inflater.decompress(data, _PIECE)
            except zlib.error:
                raise _bad("the body is not gzip", "bad_encoding") from None
            if clear:
                self._into.write(clear)
            data = self._inflater.unconsumed_tail
            full = len(clear) == _PIECE  # there may be more inside
            if self._inflater.eof:
                data, full = self._inflater.unused_data, False
                self._inflater = zlib.decompressobj(31)
                self._begun = bool(data)

    def end(self) -> None:
        if self._begun:
            raise _bad("the gzip data breaks off", "bad_encoding")
        if isinstance(self._into, _Form):
            self._into.end()


class _Form:
    """The parts of a form: the first with a file name is the file, the others are fields."""

    def __init__(self, boundary: bytes, into: Received) -> None:
        self._into = into
        self._header, self._value = b"", b""
        self._name, self._is_file = "", False
        self._field = b""
        self._files = 0
        self._ended = False
        if not boundary:
            raise _bad("the Content-Type of the form names no boundary")
        try:
            self._parser = MultipartParser(
                boundary,
                {
                    "on_part_begin": self._part,
                    "on_header_field": self._header_field,
                    "on_header_value": self._header_value,
                    "on_header_end": self._header_end,
                    "on_part_data": self._data,
                    "on_part_end": self._part_end,
                    "on_end": self._on_end,
                },
            )
        except FormParserError:
            raise _bad("the boundary of the form cannot be used") from None

    def write(self, data: bytes) -> None:
        try:
            self._parser.write(data)
        except FormParserError:
            raise _bad("the form is damaged") from None

    def end(self) -> None:
        if not self._ended:
            raise _bad("the form breaks off")
        if not self._files:
            raise Problem(422, "no_file", "the form has no part with a file")

    def _part(self) -> None:
        self._name, self._is_file, self._field = "", False, b""
        self._header, self._value = b"", b""

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_end(self) -> None:
        if self._header.lower() == b"content-disposition":
            _, said = parse_options_header(self._value)
            self._name = said.get(b"name", b"").decode("utf-8", "replace")
            self._is_file = b"filename" in said or self._name == "file"
            self._files += self._is_file
            if self._files > 1:
                raise Problem(422, "two_files", "the form has more than one file", close=True)
        self._header, self._value = b"", b""

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._is_file:
            self._into.write(data[start:end])
            return
        self._field += data[start:end]
        if len(self._field) > _MAX_FIELD or len(self._into.fields) > _MAX_FIELDS:
            raise Problem(413, "too_large", "a field of the form is too long", close=True)

    def _part_end(self) -> None:
        if not self._is_file and self._name:
            self._into.fields[self._name] = self._field.decode("utf-8", "replace")

    def _on_end(self) -> None:
        self._ended = True


def _bad(detail: str, error: str = "bad_form") -> Problem:
    return Problem(400, error, detail, close=True)


async def receive_into(
    received: Received,
    receive: Receive,
    headers: Mapping[bytes, bytes],
    settings: GatewaySettings,
) -> None:
    """Write the whole body.

    Raises:
        Problem: 400, 408, 413, 415 or 503, each saying why.
        Disconnected: when nobody is there to answer.
    """
    sink = _sink(received, headers)
    length = headers.get(b"content-length", b"")
    if length.isdigit() and int(length[:20]) > settings.upload_max_bytes:
        raise too_large(settings.upload_max_bytes)
    more = True
    while more:
        message = await _next(receive, settings.body_timeout_seconds)
        if data := message.get("body", b""):
            sink.write(data)
        more = message.get("more_body", False)
    if not isinstance(sink, Received):
        sink.end()
    received.file.seek(0)


def _sink(received: Received, headers: Mapping[bytes, bytes]) -> _Form | Received | _Inflated:
    kind, said = parse_options_header(headers.get(b"content-type", b"").decode("latin-1"))
    sink: _Form | Received = received
    if kind.decode("latin-1") == _FORM:
        sink = _Form(said.get(b"boundary", b""), received)
    elif kind.decode("latin-1") not in _TYPES:
        detail = "Content-Type must be text/csv, multipart/form-data or JSON"
        raise Problem(415, "unsupported_type", detail, close=True)
    coding = headers.get(b"content-encoding", b"").strip().lower()
    if coding in (b"gzip", b"x-gzip"):
        return _Inflated(sink)
    if coding not in (b"", b"identity"):
        detail = "Content-Encoding must be gzip"
        raise Problem(415, "unsupported_encoding", detail, close=True)
    return sink


async def _next(receive: Receive, seconds: float) -> Mapping[str, Any]:
    try:
        async with asyncio.timeout(seconds):
            message = await receive()
    except TimeoutError:
        detail = f"nothing more of the body came within {seconds:g} s"
        raise Problem(408, "timeout", detail, close=True) from None
    if message["type"] == "http.disconnect":
        raise Disconnected
    return message
