"""Reading a vendor's list page by page: waits when it is told to, tries again what may pass, and
ends with a reason that names no secret."""

import asyncio
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson
from pydantic import Field
from pydantic_settings import SettingsConfigDict

from processors.engine.settings import Settings
from processors.platforms.base import Request
from processors.platforms.http import MAX_PAUSE_SECONDS, Http, Reply, retry_after_seconds
from processors.platforms.outward import OutwardSettings

_GROWTH: Final = 2.0


_REFUSED: Final = re.compile(r"^needs |(?<!the request )\b(?:is|are) refused")


class Unreadable(Exception):
    """The list could not be read to its end; the text says why. `pause_seconds` is how long the
    vendor asked to be left alone."""

    def __init__(self, why: str, *, pause_seconds: float = 0.0) -> None:
        super().__init__(why)
        self.pause_seconds = pause_seconds

    @property
    def is_refused(self) -> bool:
        """Whether somebody has to act: credentials or an account are missing (`needs ...`) or are
        refused (`... refused`), as every reader says it; `the request is refused` is our own
        fault."""
        return _REFUSED.search(str(self)) is not None

    @property
    def may_pass(self) -> bool:
        """Whether another try may help before somebody acts, or a pause is over."""
        return not self.is_refused and not self.pause_seconds


class TooLarge(Unreadable):
    """More than the vendor tells at once."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why an answer is no page. `passes`: another try may help, after `pause_seconds` if the vendor
    asks for a pause. `too_large`: less of it might be told."""

    why: str
    passes: bool = False
    pause_seconds: float = 0.0
    too_large: bool = False


Judge = Callable[[Reply], Trouble | None]


class ReadingSettings(Settings):
    """How long a reader is patient."""

    model_config = SettingsConfigDict(env_prefix="ATTRIBUTARY_READING_")

    timeout_seconds: float = Field(30.0, gt=0)
    first_pause_seconds: float = Field(1.0, gt=0, description="doubled with each failure")
    tries: int = Field(6, ge=1, description="of one page, before the whole reading is given up")
    report_poll_seconds: float = Field(5.0, gt=0, description="between two looks at a report")
    report_wait_seconds: float = Field(
        600.0, gt=0, description="for a report that is being made; the next run waits on"
    )
    longest_pause_seconds: float = Field(
        120.0, gt=0, description="who asks for more is read at the next run, since others wait"
    )


class Reader:
    """Asks for pages; with `outward`, at addresses that a tenant or a vendor's answer chose."""

    def __init__(
        self, settings: ReadingSettings, *, outward: OutwardSettings | None = None
    ) -> None:
        self._settings = settings
        self._http = Http(
            timeout_seconds=settings.timeout_seconds, max_connections=4, outward=outward
        )

    async def page(
        self,
        url: str,
        *,
        headers: Mapping[str, str],
        params: Mapping[str, str],
        judge: Judge | None = None,
        body: bytes | None = None,
        read: Callable[[bytes], Any] = orjson.loads,
    ) -> tuple[Reply, Any]:
        """An answer that is a page, and its JSON; a vendor's own `judge` says what is none. A
        question with a `body` is posted. A page that is no JSON is what `read` makes of it, which
        raises ValueError for what it cannot read, such as an answer that is cut off.

        Raises:
            Unreadable: when the vendor refuses, asks for too long a pause, or is still failing
                after the last try; `TooLarge` where its judge finds it so.
        """
        pause, why = self._settings.first_pause_seconds, ""
        for tried in range(self._settings.tries):
            if tried:
                await asyncio.sleep(pause)
            ask = self._http.get if body is None else self._http.post
            reply = await ask(Request(url, body or b"", headers, params))
            backoff = self._settings.first_pause_seconds * _GROWTH**tried
            if not isinstance(reply, Reply):
                if reply.forbidden:
                    raise Unreadable(reply.error)
                pause, why = backoff, reply.error
            elif trouble := (judge or by_status)(reply):
                pause, why = trouble.pause_seconds or backoff, trouble.why
                if trouble.too_large:
                    raise TooLarge(why)
                if not trouble.passes:
                    raise Unreadable(why)
                if trouble.pause_seconds > self._settings.longest_pause_seconds:
                    asked = trouble.pause_seconds
                    raise Unreadable(
                        f"{why}; asks for a pause of {asked:.0f} s", pause_seconds=asked
                    )
            else:
                try:
                    return reply, read(reply.body)
                except orjson.JSONDecodeError:
                    pause, why = backoff, "the answer is not JSON"
                except ValueError as error:
                    pause, why = backoff, str(error)
        raise Unreadable(f"gave up after {self._settings.tries} tries ({why})")

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()


def by_status(reply: Reply) -> Trouble | None:
    """What an HTTP status alone tells."""
    if reply.status == 200:
        return None
    if reply.status == 429:
        return Trouble("429: too many requests", passes=True, pause_seconds=_asked(reply))
    if reply.status >= 500:
        return Trouble(f"{reply.status}", passes=True)
    if reply.status in (401, 403):
        return Trouble(f"{reply.status}: the credentials are refused")
    return Trouble(f"{reply.status}: the request is refused")


def _asked(reply: Reply) -> float:
    """Seconds of `Retry-After`; Shopify writes a fraction."""
    said = reply.headers.get("retry-after", "")
    try:
        return min(max(float(said), 0.0), MAX_PAUSE_SECONDS)
    except ValueError:
        return retry_after_seconds(reply.headers)
