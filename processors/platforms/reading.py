"""Reading a vendor's list page by page: waits when it is told to, tries again what may pass, and
ends with a reason that names no secret."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

import orjson
from pydantic import Field
from pydantic_settings import SettingsConfigDict

from processors.engine.settings import Settings
from processors.platforms.base import Request
from processors.platforms.http import MAX_PAUSE_SECONDS, Http, Reply, retry_after_seconds

_GROWTH: Final = 2.0


class Unreadable(Exception):
    """The list could not be read to its end; the text says why."""


class ReadingSettings(Settings):
    """How long a reader is patient."""

    model_config = SettingsConfigDict(env_prefix="ATTRIBUTARY_READING_")

    timeout_seconds: float = Field(30.0, gt=0)
    first_pause_seconds: float = Field(1.0, gt=0, description="doubled with each failure")
    tries: int = Field(6, ge=1, description="of one page, before the whole reading is given up")


class Reader:
    """Asks for pages."""

    def __init__(self, settings: ReadingSettings) -> None:
        self._settings = settings
        self._http = Http(timeout_seconds=settings.timeout_seconds, max_connections=4)

    async def page(
        self, url: str, *, headers: Mapping[str, str], params: Mapping[str, str]
    ) -> tuple[Reply, Any]:
        """An answer of 200 and its JSON.

        Raises:
            Unreadable: when the vendor refuses, or is still failing after the last try.
        """
        pause, why = self._settings.first_pause_seconds, ""
        for tried in range(self._settings.tries):
            if tried:
                await asyncio.sleep(pause)
            reply = await self._http.get(Request(url, b"", headers, params))
            backoff = self._settings.first_pause_seconds * _GROWTH**tried
            if not isinstance(reply, Reply):
                pause, why = backoff, reply.error
            elif reply.status == 429:
                pause, why = _asked(reply) or backoff, "429: too many requests"
            elif reply.status >= 500:
                pause, why = backoff, f"{reply.status}"
            elif reply.status != 200:
                raise Unreadable(_refusal(reply.status))
            else:
                try:
                    return reply, orjson.loads(reply.body)
                except orjson.JSONDecodeError:
                    pause, why = backoff, "the answer is not JSON"
        raise Unreadable(f"gave up after {self._settings.tries} tries ({why})")

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()


def _asked(reply: Reply) -> float:
    """Seconds of `Retry-After`; Shopify writes a fraction."""
    said = reply.headers.get("retry-after", "")
    try:
        return min(max(float(said), 0.0), MAX_PAUSE_SECONDS)
    except ValueError:
        return retry_after_seconds(reply.headers)


def _refusal(status: int) -> str:
    if status in (401, 403):
        return f"{status}: the credentials are refused"
    return f"{status}: the request is refused"
