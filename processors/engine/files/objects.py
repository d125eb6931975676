"""JSON: an array, an object around an array, or objects one after another (NDJSON).

The standard decoder reads one value at a time from a buffer; an error near the buffer's end may
mean no more than that the rest has not been read. After a damaged object among lines the next
line goes on; within an array nothing can be trusted any more.
"""

import json
from collections.abc import Collection, Iterator
from io import TextIOBase
from typing import Any, Final

from processors.engine.files.rows import MAX_CHARACTERS, Row, Unreadable

_CHUNK: Final = 65_536
_SPACE: Final = " \t\r\n"
_CERTAIN: Final = 16
"""So far before the buffer's end an error is one, whatever follows."""


class _Bad(Exception):
    """A value that is no JSON; the message says where."""


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no JSON")


_DECODER: Final = json.JSONDecoder(parse_constant=_no_number)


class _Source:
    """The text that has been read and not consumed."""

    def __init__(self, text: TextIOBase) -> None:
        self._text = text
        self._buffer = ""
        self._ended = False
        self.at = 0
        self._line = 1
        self._counted = 0

    @property
    def line(self) -> int:
        """Where we are."""
        self._line += self._buffer.count("\n", self._counted, self.at)
        self._counted = self.at
        return self._line

    def back(self, at: int) -> None:
        """Go back to where we were, no value having been consumed since."""
        self.at = at

    def forget(self) -> None:
        """What was consumed is not needed any more."""
        if self.at > _CHUNK:
            self._line = self.line
            self._buffer = self._buffer[self.at :]
            self.at = self._counted = 0

    def peek(self) -> str:
        """The next character that is no blank; empty at the end."""
        while True:
            buffer = self._buffer
            while self.at < len(buffer):
                if buffer[self.at] not in _SPACE:
                    return buffer[self.at]
                self.at += 1
            if not self._more():
                return ""

    def take(self, wanted: str) -> bool:
        """Consume the next character if it is this one."""
        if self.peek() != wanted:
            return False
        self.at += 1
        return True

    def value(self) -> Any:
        """The next value.

        Raises:
            _Bad: when it is none.
        """
        self.peek()
        while True:
            try:
                value, end = _DECODER.raw_decode(self._buffer, self.at)
            except json.JSONDecodeError as error:
                open_ended = error.msg.startswith("Unterminated")
                certain = not open_ended and error.pos < len(self._buffer) - _CERTAIN
                if certain or len(self._buffer) - self.at > MAX_CHARACTERS or not self._more():
                    raise _Bad(_told(error)) from None
            except (ValueError, RecursionError) as error:
                deep = isinstance(error, RecursionError)
                raise _Bad("is nested too deeply" if deep else str(error)) from None
            else:
                # A number at the buffer's end may go on.
                if end < len(self._buffer) or not self._more():
                    self.at = end
                    return value

    def skip_line(self) -> None:
        """Go to the next line."""
        while (end := self._buffer.find("\n", self.at)) < 0:
            self.line  # noqa: B018 (counts what is left behind)
            self.at = len(self._buffer)
            self.forget()
            if not self._more():
                return
        self.at = end + 1

    def _more(self) -> bool:
        if self._ended:
            return False
        chunk = self._text.read(_CHUNK)
        self._ended = not chunk
        self._buffer += chunk
        return not self._ended


class Objects:
    """A JSON file: what stands beside its rows, then the rows, once."""

    def __init__(self, text: TextIOBase, wrappers: Collection[str]) -> None:
        """`wrappers` are names under which an object may hold the rows.

        Raises:
            Unreadable: when the file is empty, or holds neither objects nor an array.
        """
        self._source = _Source(text)
        self.beside: dict[str, Any] = {}
        self.late: list[str] = []
        """Names that stand after the rows, too late to count."""
        first = self._source.peek()
        if not first:
            raise Unreadable(1, "the file is empty")
        if first not in "[{":
            raise Unreadable(self._source.line, "is neither a JSON object nor an array")
        self._wrapped = first == "{" and self._enter(wrappers)
        self._array = self._wrapped or first == "["

    def _enter(self, wrappers: Collection[str]) -> bool:
        """Whether the object is one around the rows, which then come next."""
        source = self._source
        start = source.at
        beside: dict[str, Any] = {}
        try:
            source.take("{")
            while source.peek() == '"':
                name = source.value()
                if not source.take(":"):
                    break
                if name in wrappers and source.peek() == "[":
                    self.beside = beside
                    return True
                beside[name] = source.value()
                if not source.take(","):
                    break
        except _Bad:
            pass
        source.back(start)
        return False

    def rows(self) -> Iterator[Row]:
        """Every row.

        Raises:
            Unreadable: where an array is damaged or breaks off.
        """
        return self._elements() if self._array else self._values()

    def _values(self) -> Iterator[Row]:
        source = self._source
        number = 0
        while source.peek():
            number += 1
            line = source.line
            try:
                yield _row(number, line, source.value())
            except _Bad as bad:
                source.skip_line()
                yield Row(number, line, error=f"is no JSON: {bad}")
            source.forget()

    def _elements(self) -> Iterator[Row]:
        source = self._source
        source.take("[")
        number = 0
        if not source.take("]"):
            while True:
                source.peek()
                line = source.line
                try:
                    value = source.value()
                except _Bad as bad:
                    raise Unreadable(line, f"is no JSON: {bad}") from None
                number += 1
                yield _row(number, line, value)
                source.forget()
                if source.take(","):
                    continue
                if source.take("]"):
                    break
                raise Unreadable(source.line, "the array breaks off")
        if self._wrapped:
            self._leave()
        if source.peek():
            raise Unreadable(source.line, "something follows the end of the JSON")

    def _leave(self) -> None:
        source = self._source
        try:
            while source.take(","):
                self.late.append(str(source.value())[:64])
                source.take(":")
                source.value()
        except _Bad as bad:
            raise Unreadable(source.line, f"is no JSON: {bad}") from None
        if not source.take("}"):
            raise Unreadable(source.line, "the object breaks off")


def _row(number: int, line: int, value: Any) -> Row:
    if type(value) is not dict:
        return Row(number, line, error="must be an object")
    return Row(number, line, value)


def _told(error: json.JSONDecodeError) -> str:
    """What the decoder says, which never quotes the text."""
    return error.msg[:1].lower() + error.msg[1:]
