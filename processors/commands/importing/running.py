"""One import: rows in order, a few batches on their way at once, each noted when it is done."""

import asyncio
import csv
from base64 import b64decode
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from pydantic import Field, SecretStr

from processors.commands.importing import checkpoint
from processors.commands.importing.checkpoint import Checkpoint
from processors.commands.importing.posting import PATHS, Away, Fault, Poster
from processors.commands.importing.source import Source, source
from processors.commands.operator import Refused
from processors.engine.clock import wall_clock
from processors.engine.files import Row, Unreadable
from processors.engine.sealing import Sealer, new_key
from processors.engine.settings import Settings
from processors.gateway import routes
from processors.gateway.door import Door
from processors.gateway.handling import handle
from processors.gateway.registry import HANDLERS

_BATCH_ROWS: Final = 500
_AT_ONCE: Final = 4
_COLUMNS: Final = ("line", "row", "field", "error")

Watch = Callable[[int, int], None]
Batch = list[Row]

assert routes.__all__  # importing them fills the table of handlers


class Sender(Settings):
    """Whose key the rows are sent with, unless one is given by hand."""

    api_key: SecretStr = Field(SecretStr(""), validation_alias="ATTRIBUTARY_API_KEY")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to import, and how; `given` is what rows of spend are of that do not say so."""

    path: Path
    kind: str
    gateway: str
    key: str
    tenant: str | None = None
    dry_run: bool = False
    patience_seconds: float = 300.0
    given: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Result:
    """What came of it. `skipped` rows were taken by an earlier run."""

    kind: str
    rows: int = 0
    accepted: int = 0
    rejected: int = 0
    skipped: int = 0
    stopped: str = ""
    errors_file: str | None = None
    reasons: dict[str, int] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """Whether every row was taken."""
        return not self.stopped and not self.rejected


class _Faults:
    """FILE.errors.csv, made with the first fault."""

    def __init__(self, path: Path, *, goes_on: bool) -> None:
        self._place = path.with_name(f"{path.name}.errors.csv")
        if not goes_on:
            self._place.unlink(missing_ok=True)

    def write(self, faults: list[Fault], result: Result) -> None:
        """Add what was refused."""
        if not faults:
            return
        fresh = not self._place.exists()
        with self._place.open("a", newline="") as file:
            rows = csv.writer(file)
            if fresh:
                rows.writerow(_COLUMNS)
            rows.writerows((f.row.line, f.row.number, f.field, f.error) for f in faults)
        for fault in faults:
            reason = f"{fault.field}: {fault.error}" if fault.field else fault.error
            if reason in result.reasons or len(result.reasons) < 100:
                result.reasons[reason] = result.reasons.get(reason, 0) + 1
        result.errors_file = str(self._place)


async def run(plan: Plan, watch: Watch) -> Result:
    """Import the file; `watch` is told how far of how much has been read.

    Raises:
        Refused: when nothing can be imported.
    """
    found = source(plan.path, plan.kind, plan.given)
    result = Result(found.kind)
    try:
        await (_try if plan.dry_run else _send)(plan, found, result, watch)
    finally:
        found.close()
    return result


async def _try(plan: Plan, found: Source, result: Result, watch: Watch) -> None:
    """What the gateway would refuse: its own code, with nothing behind it."""
    faults = _Faults(plan.path, goes_on=False)
    entry, sealer = HANDLERS[PATHS[found.kind]], Sealer(b64decode(new_key()))
    for batch in _batches(found, result, after=0):
        watch(found.position(), found.size)
        good = [row for row in batch if not row.error]
        door = Door(plan.tenant or "dry-run", True, wall_clock(), sealer)
        outcome = handle(entry, [row.item for row in good], door)
        refused = [Fault(good[r.index], r.field, r.error) for r in outcome.rejected]
        _settle(batch, refused, result, faults)


async def _send(plan: Plan, found: Source, result: Result, watch: Watch) -> None:
    """Post what the checkpoint says is not done."""
    given = (f"{name}={value}" for name, value in sorted(plan.given.items()))
    name = checkpoint.target(plan.gateway, plan.key, found.kind, *given)
    standing = checkpoint.load(plan.path, target=name)
    result.accepted, result.rejected = standing.accepted, standing.rejected
    result.skipped = standing.row
    poster = Poster(plan.gateway, plan.key, patience_seconds=plan.patience_seconds)
    try:
        await poster.check(found.kind, plan.tenant)
        await _post(plan, found, result, poster=poster, standing=standing, watch=watch)
    except Away as away:
        result.stopped = str(away)
    finally:
        await poster.close()
    if not result.stopped:
        checkpoint.forget(plan.path)


async def _post(
    plan: Plan,
    found: Source,
    result: Result,
    *,
    poster: Poster,
    standing: Checkpoint,
    watch: Watch,
) -> None:
    faults = _Faults(plan.path, goes_on=standing.row > 0)
    under_way: deque[tuple[Batch, asyncio.Task[list[Fault]]]] = deque()

    async def finish() -> None:
        batch, task = under_way[0]
        refused = await task
        under_way.popleft()
        _settle(batch, refused, result, faults)
        standing.row, standing.accepted = batch[-1].number, result.accepted
        standing.rejected = result.rejected
        checkpoint.save(plan.path, standing)

    try:
        for batch in _batches(found, result, after=standing.row):
            good = [row for row in batch if not row.error]
            under_way.append((batch, asyncio.create_task(_taken(poster, found.kind, good))))
            watch(found.position(), found.size)
            if len(under_way) >= _AT_ONCE:
                await finish()
        while under_way:
            await finish()
    finally:
        for _, task in under_way:
            task.cancel()
        await asyncio.gather(*(task for _, task in under_way), return_exceptions=True)


async def _taken(poster: Poster, kind: str, rows: Batch) -> list[Fault]:
    return await poster.post(kind, rows) if rows else []


def _batches(found: Source, result: Result, *, after: int) -> Iterator[Batch]:
    """The rows behind the checkpoint; a file that breaks off ends the import with its reason."""
    batch: Batch = []
    try:
        for row in found.rows:
            result.rows += 1
            if row.number <= after:
                continue
            batch.append(row)
            if len(batch) >= _BATCH_ROWS:
                yield batch
                batch = []
    except Unreadable as unreadable:
        result.stopped = str(unreadable)
    if batch:
        yield batch


def _settle(batch: Batch, refused: list[Fault], result: Result, faults: _Faults) -> None:
    bad = [Fault(row, "", row.error) for row in batch if row.error]
    every = sorted([*bad, *refused], key=lambda fault: fault.row.number)
    result.accepted += len(batch) - len(every)
    result.rejected += len(every)
    faults.write(every, result)


def as_json(result: Result) -> dict[str, Any]:
    """The result as a document."""
    return {
        "kind": result.kind,
        "rows": result.rows,
        "accepted": result.accepted,
        "rejected": result.rejected,
        "skipped": result.skipped,
        "complete": result.complete,
        "stopped": result.stopped,
        "errors_file": result.errors_file,
        "reasons": result.reasons,
    }


def checked(plan: Plan) -> Plan:
    """The plan, if it can be begun.

    Raises:
        Refused: naming what is missing.
    """
    if not plan.path.is_file():
        raise Refused(f"{plan.path}: there is no such file")
    if not plan.dry_run and not plan.gateway:
        raise Refused("no gateway: set GATEWAY_URL, or give --gateway")
    if not plan.dry_run and not plan.key:
        raise Refused("no key: set ATTRIBUTARY_API_KEY, or give --key")
    return plan
