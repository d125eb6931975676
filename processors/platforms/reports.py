"""Reports that a vendor makes while one waits, where it does not answer at once: asked for, looked
at until they are there, and remembered, so that a process that starts again goes on waiting for the
report that another has asked for."""

import asyncio
import csv
import hashlib
import io
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import orjson

from processors.platforms.base import Account
from processors.platforms.outward import OutwardSettings
from processors.platforms.reading import Reader, ReadingSettings, Unreadable
from processors.platforms.spending import Unusable

T = TypeVar("T")


class Failed(Exception):
    """The vendor gave the report up, or knows of none; the text says so."""


class Late(Unreadable):
    """It is still being made."""


@asynccontextmanager
async def report(
    account: Account,
    question: Mapping[str, Any],
    *,
    ask: Callable[[], Awaitable[str]],
    look: Callable[[str], Awaitable[T | None]],
    reading: ReadingSettings,
) -> AsyncIterator[T]:
    """What `look` says of the report when it is there, for a block that reads it: None until then.
    `ask` gives its id; `question` is what is asked for, and names it. One that takes too long, and
    one whose reading was cut short by the end of the process, is waited for the next time.

    Raises:
        Unreadable: as `ask` and `look` do, for a report that failed or takes too long.
    """
    key = hashlib.sha256(orjson.dumps(question, option=orjson.OPT_SORT_KEYS)).hexdigest()
    book = account.reports
    found = None
    if book is not None and (promised := await book.promised(key)):
        try:
            found = await _ready(promised, look, reading)
        except Late:
            raise
        except (Failed, Unreadable) as error:
            # What an earlier run asked for may be gone, which some vendors tell as a refusal. Who
            # is refused indeed hears it when asking again.
            if isinstance(error, Unreadable) and error.pause_seconds:
                raise
            await book.forget(key)
    if found is None:
        promised = await ask()
        if book is not None:
            await book.note(key, promised)
        try:
            found = await _ready(promised, look, reading)
        except Failed as failed:
            if book is not None:
                await book.forget(key)
            raise Unreadable(str(failed)) from None
    try:
        yield found
    except (Unreadable, Unusable):
        if book is not None:
            await book.forget(key)
        raise
    if book is not None:
        await book.forget(key)


async def _ready(
    promised: str, look: Callable[[str], Awaitable[T | None]], reading: ReadingSettings
) -> T:
    looks = max(1, round(reading.report_wait_seconds / reading.report_poll_seconds))
    for _ in range(looks):
        found = await look(promised)
        if found is not None:
            return found
        await asyncio.sleep(reading.report_poll_seconds)
    raise Late(f"the report took over {reading.report_wait_seconds:.0f} s")


class Files:
    """Reads the files of reports, where the vendor's answer says that they are: addresses with a
    signature in them, so that no token goes there. `own` is the vendor's address as it is
    configured, which may be anywhere; every other one is on the internet."""

    def __init__(self, reading: ReadingSettings, *, own: str) -> None:
        self._own = f"{own.rstrip('/')}/"
        self._near = Reader(reading)
        self._far = Reader(reading, outward=OutwardSettings.load())

    def address(self, told: object) -> str:
        """The address that was told.

        Raises:
            Unreadable: for one that nobody may be sent to.
        """
        if not isinstance(told, str) or not told.startswith(("https://", self._own)):
            raise Unreadable("the report is at no address that may be asked")
        return told

    async def read(self, url: str, parse: Callable[[bytes], T]) -> T:
        """What `parse` makes of the file; it raises ValueError for one that is cut off.

        Raises:
            Unreadable: as `Reader.page`.
        """
        reader = self._near if url.startswith(self._own) else self._far
        _, found = await reader.page(url, headers={}, params={}, read=parse)
        parsed: T = found
        return parsed

    async def close(self) -> None:
        """Close the connections."""
        await self._near.close()
        await self._far.close()


def table(text: str, columns: list[str]) -> list[Mapping[str, str]]:
    """The rows of a CSV with these columns, by column.

    Raises:
        Unreadable: when it has not all of them, or a row has more or fewer than the first.
    """
    reader = csv.reader(io.StringIO(text))
    names = next(reader, [])
    if missing := [name for name in columns if name not in names]:
        raise Unreadable(f"the report has no column {missing[0]}")
    found: list[Mapping[str, str]] = []
    for row in reader:
        if len(row) != len(names):
            raise Unreadable("a row of the report has not its columns")
        found.append(dict(zip(names, row, strict=True)))
    return found
