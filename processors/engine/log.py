"""Structured logs: one JSON object a line on stderr, without credentials and without people.

Libraries speak from WARNING on, since their debug lines hold keys and values of records. Errors
are logged with type, place and a redacted message; a validation error's and a driver's message
quote the data, so these are cut down to what is safe.
"""

import json
import logging
import re
import sys
import traceback
from types import TracebackType
from typing import Any, Final

from pydantic import ValidationError

_LIBRARIES: Final = (
    "aiokafka", "asyncpg", "asyncio", "faust", "mode", "httpx", "httpcore", "opentelemetry",
    "urllib3",
)  # fmt: skip
_STANDARD: Final = frozenset(
    (*vars(logging.makeLogRecord({})), "message", "asctime", "taskName", "color_message")
)
_REDACTIONS: Final = (
    (re.compile(r"://[^/\s:@]+:[^/\s@]+@"), "://***@"),
    (re.compile(r"[^\s\"'<>=(]+@[^\s\"'<>=)]+\.[A-Za-z]{2,}"), "<email>"),
    (re.compile(r"\+\d[\d .()-]{6,}\d"), "<phone>"),
)
_MESSAGE_CHARACTERS: Final = 1_000
REPEAT_SECONDS: Final = 30.0


def redact(text: str) -> str:
    """Mask what looks like a credential in a URL, an e-mail address or a phone number."""
    for pattern, mask in _REDACTIONS:
        text = pattern.sub(mask, text)
    return text[:_MESSAGE_CHARACTERS]


class Sparing(logging.Filter):
    """Lets a library say the same thing once in a while: aiokafka tells of a broker that is away
    a hundred times a second."""

    def __init__(self) -> None:
        super().__init__()
        self._said: dict[tuple[str, str], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether to let it through; `repeated` then says how many were not."""
        if record.name.split(".")[0] not in _LIBRARIES:
            return True
        what = (record.name, str(record.msg))
        last, held = self._said.get(what, (-REPEAT_SECONDS, 0))
        if record.created - last < REPEAT_SECONDS:
            self._said[what] = (last, held + 1)
            return False
        self._said[what] = (record.created, 0)
        if held:
            record.__dict__["repeated"] = held
        return True


class JsonLines(logging.Formatter):
    """One line a record."""

    def __init__(self, static: dict[str, str]) -> None:
        super().__init__()
        self._static = static

    def format(self, record: logging.LogRecord) -> str:
        """The record as JSON."""
        line: dict[str, Any] = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S") + f".{int(record.msecs):03d}",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": redact(record.getMessage()),
            **self._static,
        }
        for name, value in vars(record).items():
            if name not in _STANDARD:
                line[name] = redact(value) if isinstance(value, str) else value
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = _describe(record.exc_info[1])
            line["trace"] = _frames(record.exc_info[1].__traceback__)
        return json.dumps(line, default=lambda value: type(value).__name__)


def configure(level: str, **static: str) -> None:
    """Send every logger of the process to stderr as JSON lines; `static` stands on each line."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines(static))
    handler.addFilter(Sparing())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for library in _LIBRARIES:
        logging.getLogger(library).setLevel(logging.WARNING)


def _describe(error: BaseException) -> str:
    name = type(error).__name__
    if isinstance(error, ValidationError):
        kinds = sorted({problem["type"] for problem in error.errors(include_input=False)})
        return f"{name}: {error.title}: {', '.join(kinds)}"
    sqlstate = getattr(error, "sqlstate", None)
    if sqlstate is not None:
        constraint = getattr(error, "constraint_name", None) or ""
        first = str(error.args[0]).split('"')[0] if error.args else ""
        return redact(f"{name}: {sqlstate} {first}{constraint}".strip())
    return redact(f"{name}: {error}")


def _frames(trace: TracebackType | None) -> list[str]:
    return [f"{f.filename}:{f.lineno} {f.name}" for f in traceback.extract_tb(trace)]
