"""One upload from its first byte to its answer."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from io import TextIOBase
from typing import Any, Final, Protocol
from urllib.parse import parse_qsl

import orjson

from processors.domain.columns import ORDERS, Lost, neutral
from processors.engine.clock import Clock
from processors.engine.files import Row, Unreadable, opened
from processors.engine.log import redact
from processors.engine.metrics import Metrics
from processors.gateway.body import Receive
from processors.gateway.door import Accepted, Door
from processors.gateway.refusal import Problem, Refused
from processors.gateway.registry import Entry
from processors.gateway.settings import GatewaySettings
from processors.gateway.sink import Unavailable
from processors.gateway.uploads.options import options
from processors.gateway.uploads.reading import Content, content
from processors.gateway.uploads.receiving import Received, receive_into
from processors.gateway.uploads.report import Report

log = logging.getLogger(__name__)

_GROUP: Final = 1_000
"""Rows that are produced together; while one group is on its way the next is read."""
_SLICE: Final = 25
"""Rows after which other requests have their turn."""
_RETRY_SECONDS: Final = 5


class Outlet(Protocol):
    """Where records go."""

    def put(self, rows: Sequence[Accepted]) -> Awaitable[None]:
        """Done when every row is safe."""

    def state(self) -> dict[str, int | bool]:
        """Whether it is spooling."""


class Uploads:
    """Takes uploads, a few at once."""

    def __init__(
        self, settings: GatewaySettings, *, sink: Outlet, metrics: Metrics, clock: Clock
    ) -> None:
        self._settings = settings
        self._folder = settings.spool_dir / "uploads"
        self._sink = sink
        self._metrics = metrics
        self._clock = clock
        self._running = 0

    async def take(
        self, entry: Entry, door: Door, scope: MutableMapping[str, Any], receive: Receive
    ) -> tuple[int, bytes]:
        """Status and answer.

        Raises:
            Problem: when nothing was taken, or not all of it could be now.
            Disconnected: when the caller left before all was there.
        """
        if self._running >= self._settings.max_uploads:
            raise _later("other uploads are being taken")
        self._running += 1
        received = Received(self._folder, limit=self._settings.upload_max_bytes)
        try:
            headers = dict(scope["headers"])
            await receive_into(received, receive, headers, self._settings)
            said = {**received.fields, **dict(parse_qsl(scope["query_string"].decode("latin-1")))}
            with opened(received.file) as text:
                return await self._taken(entry, door, text, received.digest, said)
        except Unreadable as unreadable:
            raise Problem(422, "unreadable", str(unreadable)) from None
        finally:
            received.close()
            self._running -= 1

    async def _taken(
        self, entry: Entry, door: Door, text: TextIOBase, digest: str, said: dict[str, Any]
    ) -> tuple[int, bytes]:
        found = content(text, wrappers=entry.wrappers, currency=bool(said.get("currency")))
        batch = options({**found.beside, **said}, digest)
        report = Report(batch, door.received_at, warnings=found.warnings, dry_run=door.dry_run)
        door.batch = {
            "batch_id": batch.batch_id, "platform": batch.platform,
            "upload_type": batch.upload_type,
        }  # fmt: skip
        await self._put([report.command(door, status="processing", now=door.received_at)], report)
        await self._rows(entry, door, found, report)
        if found.late:
            report.warnings.append(f"after the rows, so not used: {', '.join(found.late[:20])}")
        last = report.command(door, status=report.status, now=self._clock())
        await self._put([last], report)
        if not door.dry_run:
            self._tell(report, door.tenant)
        status = 202 if report.spooled else 200
        return (422 if report.status == "failed" else status), orjson.dumps(report.shown(last))

    async def _rows(self, entry: Entry, door: Door, found: Content, report: Report) -> None:
        """Every row of the file; two groups at most are in memory."""
        group: list[Accepted] = []
        under_way: asyncio.Future[None] | None = None
        handle = _handling(entry, door, report)
        try:
            for row in found.rows:
                if report.total >= self._settings.upload_max_rows:
                    limit = f"the file has more than {self._settings.upload_max_rows} rows"
                    raise Unreadable(row.line, f"{limit}; those from here on were not read")
                report.total += 1
                taken = handle(row)
                if taken is not None:
                    group.append(taken)
                if report.total % _SLICE == 0:
                    await asyncio.sleep(0)
                if len(group) >= _GROUP:
                    if under_way is not None:
                        await under_way
                    under_way = asyncio.ensure_future(self._put(group, report))
                    group = []
        except Unreadable as unreadable:
            report.broken = str(unreadable)
        finally:
            if under_way is not None:
                await under_way
        if group:
            await self._put(group, report)

    async def _put(self, rows: Sequence[Accepted], report: Report) -> None:
        """Rows onto the log; nowhere in a dry run.

        Raises:
            Problem: 503 while the brokers are away: the spool is for what cannot be sent again.
        """
        if report.dry_run:
            return
        if self._sink.state()["spooling"]:
            raise _later("Kafka is away; send the upload again, nothing will count twice")
        try:
            await self._sink.put(rows)
        except Unavailable:
            raise _later("neither Kafka nor the spool can take it; send it again") from None
        report.spooled += sum(row.offset is None for row in rows)

    def _tell(self, report: Report, tenant: str) -> None:
        self._metrics.count("attributary_uploads_total", status=report.status)
        self._metrics.count("attributary_upload_rows_total", report.taken, outcome="accepted")
        self._metrics.count("attributary_upload_rows_total", report.failed, outcome="refused")
        log.info(
            "Batch uploaded",
            extra={
                "tenant": tenant,
                "batch": redact(report.options.batch_id),
                "status": report.status,
                "rows": report.total,
                "failed": report.failed,
            },
        )


def _handling(entry: Entry, door: Door, report: Report) -> Callable[[Row], Accepted | None]:
    """Turns a row into a record, or notes why it cannot be one."""
    currency = report.options.currency

    def handle(row: Row) -> Accepted | None:
        if row.error:
            report.refuse(line=row.line, row=row.number, name="", error=row.error)
            return None
        door.index = row.number
        try:
            return entry.handle(neutral(row.item, ORDERS, currency=currency), door)
        except Refused as refused:
            name, error = refused.field, refused.error
        except Lost as lost:
            name, error = lost.field, str(lost)
        report.refuse(line=row.line, row=row.number, name=name, error=error)
        return None

    return handle


def _later(detail: str) -> Problem:
    return Problem(503, "unavailable", detail, retry_after_seconds=_RETRY_SECONDS, close=True)
