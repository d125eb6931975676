"""Waiting for the database in place: an answer of a platform must not be lost to an outage."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from processors.engine.cycle import is_transient

log = logging.getLogger(__name__)

T = TypeVar("T")


async def patiently(work: Callable[[], Awaitable[T]], *, rest_seconds: float = 0.5) -> T:
    """Repeat while the database is away."""
    waiting = False
    while True:
        try:
            return await work()
        except Exception as error:
            if not is_transient(error):
                raise
            if not waiting:
                log.warning("waiting", extra={"what": "sender", "reason": type(error).__name__})
            waiting = True
        await asyncio.sleep(rest_seconds)
