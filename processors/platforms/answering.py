"""One request and what became of its events: the part of `send` that every connector shares.

A vendor answers in one of two ways. `one_fate`: the request is taken or refused as a whole.
`by_event`: its answer may speak of each event apart, or name the one for which it refused all. A
connector brings `classify`, which knows what a reply means, and both give silence its one meaning:
`unknown` if the request may have arrived, `reauth` if the account's own address leads where nothing
is sent, else a plain `retry`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from processors.platforms.base import Answer, Request, Result, Verdict
from processors.platforms.http import Http, Reply, Silence, digest, retry_after_seconds

Pause = Callable[[Reply], float]
Results = Sequence[Result]
Receipt = Callable[[Reply], str | None]

_UNCOUNTED: Final = "the answer does not count as many events as were sent"
_ANOTHER: Final = "refused for the sake of another event"


@dataclass(frozen=True, slots=True)
class Culprit:
    """A refusal of the whole request for the sake of one event; `index` is its place in it."""

    index: int
    error: str


def _retry_after(reply: Reply) -> float:
    return retry_after_seconds(reply.headers)


async def one_fate(
    http: Http,
    request: Request,
    n: int,
    classify: Callable[[Reply], Result],
    *,
    pause: Pause = _retry_after,
) -> Answer:
    """Post a request of `n` events that share their fate. A refusal of several is opaque: it may
    be the fault of one, so that halves are asked for again. `pause` gives seconds."""
    return await by_event(http, request, n, classify, pause=pause)


async def by_event(
    http: Http,
    request: Request,
    n: int,
    classify: Callable[[Reply], Result | Results | Culprit],
    *,
    pause: Pause = _retry_after,
    receipt: Receipt | None = None,
) -> Answer:
    """Post a request of `n` events. `classify` returns the result of each, in their order, where
    the answer tells them apart, and a single result where it speaks of all of them, which is
    then as with `one_fate`. Results of any other number leave every event `unknown`. A `Culprit`
    alone is rejected; the others are asked for again without it. `receipt` finds what a verdict can
    be asked for by later."""
    reply = await http.post(request)
    if isinstance(reply, Silence):
        verdict: Verdict = "unknown" if reply.may_have_arrived else "retry"
        if reply.forbidden:
            verdict = "reauth"
        results = (Result(verdict, reply.error),) * n
        return Answer(results, None, reply.latency_ms, digest(request))
    found = classify(reply)
    return Answer(
        results=_told(found, n),
        http_status=reply.status,
        latency_ms=reply.latency_ms,
        request_digest=digest(request),
        response_digest=reply.digest,
        opaque=n > 1 and _is_refusal_of_all(found),
        pause_seconds=pause(reply),
        receipt=receipt(reply) if receipt is not None else None,
    )


def _told(found: Result | Results | Culprit, n: int) -> tuple[Result, ...]:
    if isinstance(found, Result):
        return (found,) * n
    if isinstance(found, Culprit):
        named, others = Result("rejected", found.error), Result("retry", _ANOTHER)
        if found.index not in range(n):
            return (named,) * n
        return tuple(named if index == found.index else others for index in range(n))
    return tuple(found) if len(found) == n else (Result("unknown", _UNCOUNTED),) * n


def _is_refusal_of_all(found: Result | Results | Culprit) -> bool:
    return isinstance(found, Culprit) or (isinstance(found, Result) and found.verdict == "rejected")


def unsent(request: Request, n: int, result: Result) -> Answer:
    """The answer to a request that never left, such as for want of an access token."""
    return Answer((result,) * n, None, 0, digest(request))


def json_object(body: bytes) -> dict[str, Any] | None:
    """The JSON object of these bytes; None when they are none, such as a page of a proxy."""
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    return found if isinstance(found, dict) else None


def is_page(reply: Reply) -> bool:
    """Whether it is a page for people, which a proxy or a login in front of an API shows and no API
    does; a content type without any content is none."""
    kind = reply.headers.get("content-type", "").partition(";")[0]
    return bool(reply.body.strip()) and kind.strip().lower() == "text/html"
