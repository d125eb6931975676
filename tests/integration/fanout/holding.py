"""Holds a replica's senders at one point of the exchange, so that a SIGKILL meets all there.

The senders wait for the file `go` first, so that a test can fill the queue before anything leaves.
A sender that comes to the point says of whom in the file `held`, and goes no further. Nothing is
replaced: what came before the point has really happened, in the database and at the platform.
"""

import asyncio
from contextvars import ContextVar
from pathlib import Path
from typing import Any, Final, Literal, get_args

from processors.fanout.exchange import Exchange
from processors.fanout.recording import Recorder
from processors.fanout.sender import Sender
from processors.fanout.store import Queue
from processors.platforms.http import Http

Point = Literal["claim", "before_send", "after_send", "before_record"]
"""`claim`: leased, not committed. `before_send`: committed, nothing left. `after_send`: the
platform has judged, its answer is unread. `before_record`: the answer is read, nothing written."""
POINTS: Final[tuple[Point, ...]] = get_args(Point)
NAME: Final = "FANOUT_HOLD_AT"
FOLDER: Final = "FANOUT_HOLD_FOLDER"

_rows: ContextVar[Any] = ContextVar("_rows", default=())


def hold(point: Point, folder: Path) -> None:
    """From now on, in this process."""

    async def stay(rows: Any) -> None:
        cells = {(row.delivery.platform, row.delivery.tenant_id) for row in rows}
        with (folder / "held").open("a") as file:
            file.writelines(f"{platform} {tenant}\n" for platform, tenant in sorted(cells))
        await asyncio.Event().wait()

    run = Sender.run

    async def waiting_run(self: Sender) -> None:
        while not (folder / "go").exists():  # noqa: ASYNC110 - it is another process that says so
            await asyncio.sleep(0.05)
        await run(self)

    _put(Sender, "run", waiting_run)
    lease, send, record, exchange = Queue.lease, Exchange._send, Recorder.record, Http._exchange

    async def held_lease(self: Queue, conn: Any, rows: Any, **rest: Any) -> Any:
        done = await lease(self, conn, rows, **rest)
        await stay(rows)
        return done

    async def held_send(self: Exchange, account: Any, rows: Any) -> Any:
        if point == "before_send":
            await stay(rows)
        _rows.set(rows)
        return await send(self, account, rows)

    async def held_exchange(self: Http, method: str, request: Any, headers: Any) -> Any:
        reply = await exchange(self, method, request, headers)
        if "oauth" not in request.url:
            await stay(_rows.get())
        return reply

    async def held_record(self: Recorder, rows: Any, answer: Any) -> None:
        await stay(rows)
        await record(self, rows, answer)

    match point:
        case "claim":
            _put(Queue, "lease", held_lease)
        case "before_send":
            _put(Exchange, "_send", held_send)
        case "after_send":
            _put(Exchange, "_send", held_send)
            _put(Http, "_exchange", held_exchange)
        case "before_record":
            _put(Recorder, "record", held_record)


def _put(owner: type, name: str, function: Any) -> None:
    setattr(owner, name, function)
