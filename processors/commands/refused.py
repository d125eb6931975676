"""`refused` and `replay refused`: what the gateway refused, looked for, and posted again.

A refused item was never received, so it does not go back on a topic: it goes through the door once
more, under a token of its tenant that may do what its key might, and is accepted or refused like
any other, as at its first arrival: of that time, so that posting it twice is posting it once, and
with what the browser forbade.
"""

import asyncio
from base64 import b64decode
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import nlargest
from typing import Any, Final

import httpx
import orjson

from processors.commands.operator import OperatorSettings, Refused, database
from processors.commands.person_keys import keys_of
from processors.engine import service_token
from processors.engine.clock import wall_clock
from processors.engine.cluster import Cluster
from processors.engine.codec import decode
from processors.engine.postgres import Database
from processors.engine.progress import QUERIES
from processors.engine.sealing import CannotOpen, Name, Sealer
from processors.engine.vault import Vault
from processors.gateway import routes
from processors.gateway.arrival import HEADER
from processors.gateway.quarantine import ARRIVAL, QUERY, TOPIC
from processors.gateway.registry import HANDLERS
from schemas.refused_item import RefusedItem

GROUP: Final = "gateway"
_SECONDS: Final = 30.0
_JSON: Final = {b"content-type": b"application/json"}

assert routes.__all__


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Which refusals; times are epoch milliseconds of the arrival."""

    tenant: str | None = None
    route: str | None = None
    kind: str | None = None
    field: str | None = None
    since: int | None = None
    until: int | None = None

    def takes(self, item: RefusedItem) -> bool:
        """Whether a refusal is meant."""
        return (
            all(
                wanted is None or wanted == said
                for wanted, said in (
                    (self.tenant, item.tenant_id),
                    (self.route, item.route),
                    (self.kind, item.kind),
                    (self.field, item.field),
                )
            )
            and (self.since is None or item.received_at >= self.since)
            and (self.until is None or item.received_at < self.until)
        )


@dataclass(slots=True)
class Report:
    """`done` were posted before; `lost` have no content, or one that cannot be opened; `signed`
    are webhooks, which their senders repeat; `still` counts by field and error."""

    matched: int = 0
    done: int = 0
    lost: int = 0
    signed: int = 0
    accepted: int = 0
    still: Counter[str] = field(default_factory=Counter)


Place = tuple[int, int]


async def listed(selection: Selection, *, limit: int) -> list[RefusedItem]:
    """The latest refusals of the selection, the newest first."""
    settings = OperatorSettings.load()
    async with Cluster(settings.kafka_bootstrap_servers, prefix=settings.topic_prefix) as cluster:
        found = [(place, item) async for place, item in _read(cluster, selection)]
    return newest(found, limit)


def newest(found: Iterable[tuple[Place, RefusedItem]], limit: int) -> list[RefusedItem]:
    """The latest arrivals, the newest first. No answer waits for what is kept, so that the order
    in which refusals lie on the topic is not that in which they came."""
    latest = nlargest(limit, found, key=lambda kept: (kept[1].received_at, kept[0]))
    return [item for _, item in latest]


async def put_back(
    selection: Selection,
    *,
    gateways: Sequence[str],
    limit: int | None = None,
    again: bool = False,
    per_second: float = 100.0,
    dry_run: bool = False,
) -> Report:
    """Post refused items once more, each in a request of its own.

    Raises:
        Refused: when no gateway is named, or it takes nothing now.
    """
    if not gateways:
        raise Refused("GATEWAY_URL names no gateway")
    report = Report()
    settings = OperatorSettings.load()
    poster = Poster(gateways[0], Vault.from_environment(), Sealer.from_environment())
    async with (
        database() as db,
        Cluster(settings.kafka_bootstrap_servers, prefix=settings.topic_prefix) as cluster,
        poster.client,
    ):
        done = set() if again else await _posted(db)
        async for place, item in _read(cluster, selection):
            if limit is not None and report.matched >= limit:
                break
            report.matched += 1
            if place in done:
                report.done += 1
                continue
            if item.key_kind == "webhook":
                report.signed += 1
                continue
            request = poster.request(item, await keys_of(db, item.tenant_id, item.sealed))
            if request is None:
                report.lost += 1
            elif not dry_run:
                if await poster.post(item, request, report):
                    await _note(db, place)
                await asyncio.sleep(1 / per_second)
    return report


class Poster:
    """Makes and sends the requests of one run."""

    def __init__(self, url: str, vault: Vault, sealer: Sealer) -> None:
        self._vault = vault
        self._sealer = sealer
        self.client = httpx.AsyncClient(base_url=url.rstrip("/"), timeout=_SECONDS, trust_env=False)

    def request(self, item: RefusedItem, keys: Mapping[Name, bytes]) -> httpx.Request | None:
        """What was sent, but for the key; None when it was not kept with its arrival, cannot be
        opened (with `keys`, of the people whom it names), or cannot be posted."""
        entry = HANDLERS.get(item.route)
        if item.sealed is None or entry is None:
            return None
        try:
            kept = self._sealer.open(item.tenant_id, item.sealed, keys)
        except CannotOpen:
            return None
        arrival = kept.pop(ARRIVAL, None)
        if arrival is None:
            return None
        if "body" in kept:
            request = self._whole(item.route, kept)
        elif entry.form is not None and entry.form.flat:
            fields = orjson.loads(kept["item"])
            request = self.client.build_request("GET", item.route, params=fields)
        elif entry.takes_json:
            said: Any = orjson.loads(kept["item"])
            body = orjson.dumps(said if entry.single else [said])
            request = self.client.build_request("POST", item.route, content=body, headers=_JSON)
        else:
            return None
        request.headers[HEADER.decode()] = arrival
        return request

    def _whole(self, route: str, kept: Mapping[str, str]) -> httpx.Request:
        """A whole body, with what was kept of its query and its headers."""
        beside = {name.encode(): said.encode("latin-1") for name, said in kept.items()}
        body = b64decode(beside.pop(b"body"))
        url = httpx.URL(route, query=beside.pop(QUERY.encode(), None))
        return self.client.build_request("POST", url, content=body, headers=_JSON | beside)

    async def post(self, item: RefusedItem, request: httpx.Request, report: Report) -> bool:
        """Whether it was accepted."""
        server = item.key_kind == "server"
        token = service_token.make(self._vault, item.tenant_id, now=wall_clock(), server=server)
        request.headers["authorization"] = f"Bearer {token}"
        try:
            answer = await self.client.send(request)
        except httpx.HTTPError as error:
            raise Refused(f"the gateway does not answer ({type(error).__name__})") from None
        if answer.status_code >= 500 or answer.status_code in (401, 429):
            raise Refused(f"the gateway takes nothing now ({answer.status_code})")
        said = answer.json()
        report.accepted += said.get("accepted", 0)
        report.still.update(f"{row['field']}: {row['error']}" for row in said.get("rejected", ()))
        if answer.status_code in (200, 202):
            return True
        if "detail" in said:
            report.still[said["detail"]] += 1
        return False


async def _read(cluster: Cluster, selection: Selection) -> AsyncIterator[tuple[Place, RefusedItem]]:
    async for message in cluster.read_topic(TOPIC):
        item = decode(message).value
        if isinstance(item, RefusedItem) and selection.takes(item):
            yield (message.partition, message.offset), item


async def _posted(db: Database) -> set[Place]:
    async with db.connection() as conn:
        rows = await conn.fetch(QUERIES["replayed"], TOPIC)
    return {(row["partition"], row["record_offset"]) for row in rows}


async def _note(db: Database, place: Place) -> None:
    async with db.transaction() as conn:
        await conn.execute(QUERIES["note_replays"], TOPIC, [place[0]], [place[1]], [GROUP])
