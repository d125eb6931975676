"""How items are told to the gateway, apart from how bytes travel: one generator, which a client
drives that blocks, and one that does not.

It yields what it wants, a `Post` or a `Pause`, and is sent what came of it. A request is repeated
as it is after a failure that may pass, which is safe since the ids in it are the same, so that what
had arrived is a duplicate. Waits double, but `Retry-After` wins; what spreads the clients over the
wait is a hash of what they send.
"""

import hashlib
import zlib
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from processors.client.answers import (
    Answers,
    RequestRefused,
    Unavailable,
    document,
    joined,
    read,
)
from processors.client.items import Item

PASSES: Final = frozenset({408, 425, 429})


@dataclass(frozen=True, slots=True)
class Post:
    """A request to make."""

    path: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Pause:
    """Time to let pass."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer; `headers` by lower-case name."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Lost:
    """No answer: the request may have arrived or not."""

    error: str


T = TypeVar("T")
Conversation = Generator[Post | Pause, Reply | Lost | None, T]


@dataclass(frozen=True, slots=True)
class Limits:
    """How much goes into a request, and how patient a client is: `retries` after the first try,
    waits from `first_wait_seconds` up to `longest_wait_seconds`. A buffer holds `buffer_items`."""

    batch_items: int = 500
    batch_bytes: int = 1_000_000
    buffer_items: int = 10_000
    retries: int = 5
    first_wait_seconds: float = 0.25
    longest_wait_seconds: float = 30.0

    def __post_init__(self) -> None:
        if min(self.batch_items, self.batch_bytes, self.buffer_items) < 1 or self.retries < 0:
            raise ValueError("batches and buffers hold at least 1, and retries are at least 0")


def deliver(items: Sequence[Item], limits: Limits) -> Conversation[Answers]:
    """Send the items of one door, in order, in as many requests as it takes.

    Raises:
        Unfinished: with the answers up to where it ended.
    """
    parts: list[Answers] = []
    done = 0
    while done < len(items):
        n = _fits(items, done, limits)
        try:
            parts.append((yield from _request(items[done : done + n], done, limits)))
        except (Unavailable, RequestRefused) as error:
            earlier = joined([*parts, error.answers])
            raise type(error)(error.reason, earlier, done + error.done) from None
        done += n
    return joined(parts)


def _request(items: Sequence[Item], first: int, limits: Limits) -> Conversation[Answers]:
    """One request, or two halves of it when it is too large for the gateway."""
    body = f"[{','.join(item.json for item in items)}]".encode()
    told = yield from _patiently(Post(items[0].path, body), limits)
    if isinstance(told, Lost):
        raise Unavailable(f"the gateway does not answer ({told.error})")
    found = read(told.body, items, first)
    if found is not None and (told.status < 300 or told.status == 422):
        return found
    if told.status == 413 and len(items) > 1:
        half = len(items) // 2
        left = yield from _request(items[:half], first, limits)
        try:
            right = yield from _request(items[half:], first + half, limits)
        except (Unavailable, RequestRefused) as error:
            earlier = joined([left, error.answers])
            raise type(error)(error.reason, earlier, half + error.done) from None
        return joined([left, right])
    said = document(told.body)
    reason = f"{told.status} {said.get('error', '')}: {said.get('detail', 'no reason given')}"
    if _may_pass(told):
        raise Unavailable(reason)
    raise RequestRefused(reason)


def _patiently(post: Post, limits: Limits) -> Conversation[Reply | Lost]:
    """The last answer to the request: one that will not change, or the one after all retries."""
    spread = zlib.crc32(hashlib.sha256(post.body).digest())
    for tries in range(limits.retries + 1):
        told = yield post
        if told is None:
            raise RuntimeError("a post was answered with nothing")
        if tries == limits.retries or not _may_pass(told):
            return told
        yield Pause(wait_seconds(told, tries, limits, spread))
    raise AssertionError("a range of at least one ended without a last try")


def wait_seconds(told: Reply | Lost, tries: int, limits: Limits, spread: int) -> float:
    """As long as the gateway asks for, else double the last wait, less up to a half."""
    asked = told.headers.get("retry-after", "").strip() if isinstance(told, Reply) else ""
    if asked.isascii() and asked.isdigit():
        return min(float(asked[:9]), limits.longest_wait_seconds)
    longest = limits.longest_wait_seconds
    wait = min(limits.first_wait_seconds * float(1 << min(tries, 32)), longest)
    return wait * (1 - ((spread >> tries % 16) % 512) / 1024)


def _may_pass(told: Reply | Lost) -> bool:
    return isinstance(told, Lost) or told.status >= 500 or told.status in PASSES


def _fits(items: Sequence[Item], start: int, limits: Limits) -> int:
    size = n = 0
    for item in items[start : start + limits.batch_items]:
        size += item.size + 1
        if n and size > limits.batch_bytes:
            break
        n += 1
    return n
