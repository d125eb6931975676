"""`pixel check FILE.har`: what the tags of a visit told the platforms, from the network panel's
export, and whether the pipeline tells them of the same events under the same ids.

A platform that hears of an event from browser and server counts it once only under one id, so an id
that the server does not use, or none, is a conversion counted twice.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import sql
from processors.commands.operator import Refused, database, must_exist
from processors.domain.browser_requests import BrowserRequest, recognise
from processors.domain.event_names import NAMES
from processors.domain.payload import at, rows

QUERIES: Final = sql.load("operator")
MOST_BYTES: Final = 512 * 1024 * 1024
_QUIET: Final = frozenset({"ga4", "google_ads"})
"""Their tags may load and tell nothing, since the gateway tells GA4, and send no event id: Google
merges by the order's id, or not at all."""
_PURCHASES: Final = frozenset(
    {*(names["Purchase"] for names in NAMES.values()), "CompletePayment", "conversion"}
)


@dataclass(frozen=True, slots=True)
class Fired:
    """A request, its HTTP status (0: it had no answer, as when something blocked it), and how the
    server's event of that id stands; None where nobody asked or there is none."""

    request: BrowserRequest
    status: int
    server: str | None = None


def read(file: Path) -> list[Fired]:
    """What the file's requests told, in their order.

    Raises:
        Refused: for a file that is no HAR.
    """
    try:
        if file.stat().st_size > MOST_BYTES:
            raise Refused(
                f"{file}: has more than {MOST_BYTES} bytes; clear the panel, record again"
            )
        document = json.loads(file.read_bytes())
    except OSError as error:
        raise Refused(f"{file}: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise Refused(f"{file}: no HAR; in the network panel: Export HAR") from None
    if not isinstance(document, Mapping) or not isinstance(
        at(document, "log").get("entries"), list
    ):
        raise Refused(f"{file}: no HAR; in the network panel: Export HAR")
    return list(_fired(rows(at(document, "log"), "entries")))


def _fired(entries: Iterable[Mapping[str, Any]]) -> Iterator[Fired]:
    for entry in entries:
        url, body = at(entry, "request").get("url"), at(entry, "request", "postData").get("text")
        status = at(entry, "response").get("status")
        if isinstance(url, str):
            for found in recognise(url, body if isinstance(body, str) else None):
                yield Fired(found, status if isinstance(status, int) else 0)


async def beside_server(tenant: str, fired: Sequence[Fired]) -> list[Fired]:
    """The same, with how the server's deliveries of these ids stand.

    Raises:
        Refused: for a tenant that is not there.
    """
    asked = [(each.request.platform, each.request.event_id) for each in fired]
    named = sorted({(platform, event_id) for platform, event_id in asked if event_id})
    async with database() as db, db.connection() as conn:
        await must_exist(conn, tenant)
        found = await conn.fetch(
            QUERIES["deliveries_of_events"],
            tenant,
            [platform for platform, _ in named],
            [event_id for _, event_id in named],
        )
    states = {(row["platform"], row["event_id"]): str(row["state"]) for row in found}
    return [
        Fired(each.request, each.status, states.get((each.request.platform, each.request.event_id)))
        for each in fired
    ]


def faults(fired: Sequence[Fired], *, asked: bool) -> list[str]:
    """What is wrong, or looks it; with `asked` also what the server does not have."""
    events = [each for each in fired if each.request.kind == "event"]
    found = []
    ids = Counter((e.request.platform, e.request.event_id) for e in events if e.request.event_id)
    for (platform, event_id), n in sorted(ids.items()):
        if n > 1:
            found.append(f"{platform}: event {event_id} was told {n} times")
    for each in events:
        request = each.request
        name = f"{request.platform}: {request.event_name}"
        if each.status == 0 or each.status >= 400:
            why = f"was answered {each.status}" if each.status else "had no answer: blocked?"
            found.append(f"{name} {why}")
        if request.event_name in _PURCHASES:
            if request.value is None:
                found.append(f"{name} has no value")
            if request.currency is None:
                found.append(f"{name} has no currency")
        if request.platform in _QUIET:
            continue
        if request.event_id is None:
            found.append(f"{name} has no event id: the server's event would count again")
        elif asked and each.server is None:
            found.append(f"{name}: the server has no event {request.event_id} (yet)")
    told = {each.request.platform for each in events} | _QUIET
    loaded = {each.request.platform for each in fired} - told
    found += [f"{platform}: the tag was loaded and told nothing" for platform in sorted(loaded)]
    return found


def as_json(fired: Sequence[Fired], *, asked: bool) -> dict[str, Any]:
    """As one JSON object."""
    shown = [
        {
            **{name: getattr(each.request, name) for name in BrowserRequest.__slots__},
            "status": each.status,
            **({"server": each.server} if asked else {}),
        }
        for each in fired
    ]
    return {"requests": shown, "faults": faults(fired, asked=asked)}


def render(fired: Sequence[Fired], *, asked: bool) -> str:
    """As lines, by platform."""
    if not fired:
        return "no request to Meta, TikTok, Snapchat or Google: was consent given, is a tag on?"
    lines: list[str] = []
    for platform in sorted({each.request.platform for each in fired}):
        lines.append(platform)
        lines += [_line(each, asked) for each in fired if each.request.platform == platform]
    found = faults(fired, asked=asked)
    return "\n".join(
        [*lines, *(f"! {fault}" for fault in found)] if found else [*lines, "all well"]
    )


def _line(each: Fired, asked: bool) -> str:
    request = each.request
    if request.kind == "script":
        return f"  {each.status} script of pixel {request.pixel_id or '(any)'}"
    worth = " ".join(part for part in (request.value, request.currency) if part)
    parts = [
        f"  {each.status} {request.event_name}",
        f"pixel {request.pixel_id or '?'}",
        worth and f"worth {worth}",
        request.order_id and f"order {request.order_id}",
        request.event_id and f"id {request.event_id}",
        request.noscript and "without scripts",
        asked and request.event_id and f"server: {each.server or 'none'}",
    ]
    return ", ".join(str(part) for part in parts if part)
