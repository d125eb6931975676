"""Refused items and bodies, kept on a topic of their own for whoever looks for them.

The sender was told; this is for the operator. What is shown has no personal details, what is whole
is sealed, and both are bounded: a tenant has so many refusals a second of each kind, and what is
beyond that is counted in the next one that is kept. None of it was received, so that no count of
what was received knows it. It goes the way of accepted records, but no answer waits for it.
"""

import asyncio
import re
from base64 import b64encode
from collections.abc import Awaitable, Mapping, Sequence
from typing import Any, Final, Protocol

import orjson

from processors.domain.ids import content_id
from processors.engine.kafka import Raw
from processors.engine.metrics import Metrics
from processors.gateway import arrival, fields, scrub
from processors.gateway.allowance import Allowance
from processors.gateway.call import Call
from processors.gateway.door import Accepted, Door, Rejection
from processors.gateway.exchange import own_consent
from processors.gateway.named import named
from processors.gateway.query import without
from processors.gateway.refusal import Problem, Refused
from processors.gateway.registry import Entry
from processors.gateway.settings import GatewaySettings

TOPIC: Final = "dead_letters.gateway.v1"
KINDS: Final[Mapping[str, str]] = {
    "too_large": "size",
    "too_many": "size",
    "bad_encoding": "encoding",
    "unsupported_encoding": "encoding",
    "bad_json": "json",
    "bad_shape": "shape",
    "bad_query": "shape",
    "empty": "shape",
    "unauthorized": "signature",
}
"""What is wrong with a whole body, by the error of its answer; others are not the body's fault."""

ARRIVAL: Final = "arrival"
QUERY: Final = "query"
"""Under which names the arrival of what is kept and a body's query stand beside it; any other is
that of a header."""
_READ: Final = (b"content-type", b"anonymousid")
"""Headers that doors with a form of their own read items from, or by."""
_CREDENTIALS: Final = frozenset({b"key", b"writeKey"})
_PEOPLE: Final = re.compile("user|customer|person|address|traits|identifiers|contact|client")
_ADDRESS: Final = re.compile(r"(client_)?ip(_?address)?", re.IGNORECASE)
_PREVIEW_CHARACTERS: Final = 1_000
_PREVIEW_SOURCE_BYTES: Final = 65_536
_FIELD_CHARACTERS: Final = 200


class Outlet(Protocol):
    """Where records go."""

    def put(self, rows: Sequence[Accepted]) -> Awaitable[None]:
        """Done when every row is safe."""


class Quarantine:
    """Keeps what was refused."""

    def __init__(self, settings: GatewaySettings, *, outlet: Outlet, metrics: Metrics) -> None:
        self._settings = settings
        self._outlet = outlet
        self._metrics = metrics
        self._allowances: dict[tuple[str, str], Allowance] = {}
        self._under_way: set[asyncio.Future[None]] = set()

    def items(
        self,
        entry: Entry,
        items: Sequence[Any],
        rejected: Sequence[Rejection],
        door: Door,
    ) -> None:
        """Items of a batch that was read. Of somebody who wishes to be nobody nothing is shown."""
        if not _keeps(entry, door):
            return
        nobody = door.visit is not None and door.visit.nobody is not None
        kept = rejected[: self._take(door, "schema", len(rejected))]
        rows = []
        for rejection in kept:
            item, index = items[rejection.index], rejection.index
            raw = _dumps(item)
            record = self._record(entry, door, raw, kind="schema", error=rejection.error)
            record["index"] = index
            record["field"] = scrub.text(rejection.field)[:_FIELD_CHARACTERS]
            record["preview"] = None if nobody else preview(raw)
            if raw and len(raw) <= self._settings.quarantine_item_bytes:
                came = arrival.of(door, _consent(entry, item), index=index).text
                sealed = {"item": raw.decode(), ARRIVAL: came}
                record["sealed"] = door.sealer.seal(door.tenant, sealed, named(raw))
            rows.append(_row(record, door))
        self._put(rows)

    def body(self, entry: Entry, call: Call, problem: Problem, door: Door) -> None:
        """A body that could not be read as items. Nobody knows what is personal in it, so that
        it is only kept sealed; one that was not signed as it says is not kept at all. To the body
        of a door with a form of its own belongs what it reads of query and headers."""
        kind = KINDS.get(problem.error)
        if kind is None or not _keeps(entry, door) or not self._take(door, kind, 1):
            return
        raw = call.body
        beside = _beside(call) if entry.form is not None else {}
        record = self._record(entry, door, raw, kind=kind, error=problem.detail)
        size = len(raw) + sum(map(len, beside.values()))
        if kind != "signature" and raw and size <= self._settings.quarantine_item_bytes:
            came = arrival.of(door, None).text
            sealed = {"body": b64encode(raw).decode(), ARRIVAL: came, **beside}
            record["sealed"] = door.sealer.seal(door.tenant, sealed, named(raw))
        self._put([_row(record, door)])

    def _take(self, door: Door, kind: str, wanted: int) -> int:
        """How many of so many refusals may be kept now."""
        allowance = self._allowances.get((door.tenant, kind))
        if allowance is None:
            allowance = self._allowances[door.tenant, kind] = Allowance(
                per_second=self._settings.quarantine_items_per_second,
                burst=self._settings.quarantine_burst_items,
                now=door.received_at,
            )
        kept = allowance.take(wanted, door.received_at)
        for said, count in (("yes", kept), ("no", wanted - kept)):
            if count:
                self._metrics.count("attributary_refused_items_total", count, kind=kind, kept=said)
        return kept

    def _record(
        self, entry: Entry, door: Door, raw: bytes, *, kind: str, error: str
    ) -> dict[str, Any]:
        return {
            "tenant_id": door.tenant,
            "route": entry.path,
            "kind": kind,
            "error": error,
            "key_kind": _key_kind(entry, door),
            "received_at": door.received_at,
            "size_bytes": len(raw),
            "suppressed": self._allowances[door.tenant, kind].settle(),
        }

    def _put(self, rows: list[Accepted]) -> None:
        if not rows:
            return
        future = asyncio.ensure_future(self._outlet.put(rows))
        self._under_way.add(future)
        future.add_done_callback(lambda done: self._done(done, len(rows)))

    def _done(self, future: "asyncio.Future[None]", count: int) -> None:
        self._under_way.discard(future)
        if future.cancelled() or future.exception() is not None:
            self._metrics.count("attributary_refused_items_total", count, kind="any", kept="lost")


def _keeps(entry: Entry, door: Door) -> bool:
    """What an operator puts back lies here already."""
    return (entry.form is None or entry.form.keeping) and not door.replay


def _consent(entry: Entry, item: Any) -> dict[str, str] | None:
    """What the item says of consent; None when nobody knows."""
    if type(item) is not dict:
        return None
    said = (entry.form.consent if entry.form else own_consent)(item)
    try:
        return {} if said is None else fields.consent(said, "consent") or {}
    except Refused:
        return None


def _beside(call: Call) -> dict[str, str]:
    """What else makes a request of a door with a form of its own, without its key."""
    query = without(call.scope["query_string"], _CREDENTIALS)
    said = {QUERY: query, **{name.decode(): call.headers.get(name, b"") for name in _READ}}
    return {name: value.decode("latin-1") for name, value in said.items() if value}


def _key_kind(entry: Entry, door: Door) -> str:
    if entry.signed is not None:
        return "webhook"
    return "server" if door.server else "browser"


def _dumps(item: Any) -> bytes:
    try:
        return orjson.dumps(item)
    except TypeError:  # a refusal in the item's place, or nesting beyond any limit
        return b""


def preview(raw: bytes) -> str | None:
    """The item, cut off, without what is personal by its name or by its look."""
    if not raw or len(raw) > _PREVIEW_SOURCE_BYTES:
        return None
    item = orjson.loads(raw)
    if type(item) is dict:
        item = {name: _without_people(name, value) for name, value in item.items()}
    shown: bytes = orjson.dumps(scrub.anything(scrub.properties(item)))
    return shown.decode()[:_PREVIEW_CHARACTERS]


def _without_people(name: str, value: Any) -> Any:
    if type(value) is dict and _PEOPLE.search(name):
        return sorted(value)
    return scrub.REMOVED if _ADDRESS.fullmatch(name) else value


def _row(record: dict[str, Any], door: Door) -> Accepted:
    name = content_id({**record, "request": door.sequence})
    record["refusal_id"] = name
    key = f"{door.tenant}|{name}".encode()
    raw = Raw(TOPIC, key, orjson.dumps(record), door.received_at)
    return Accepted(0, name, raw, waiting=door.sealer.take())
