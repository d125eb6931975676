"""The gateway beside its floor: a bare ASGI handler on the same server that only produces.

Both run in processes of their own on the same broker; the load comes from a third, over kept-alive
connections. Singles: 64 connections, one touchpoint a request. Batches: 16 connections, 100 each.
`python -m tests.bench.gateway` starts its own servers; `run(bootstrap, dsn)` takes yours.
"""

import asyncio
import json
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any, Final

import orjson
import psutil
import uvicorn
import uvloop
from aiokafka import AIOKafkaProducer

from deploy.local.ports import free_port
from tests.integration.gateway.running import SERVER_KEY, running

TOPIC: Final = "touchpoints.v1"
SINGLE_CONNECTIONS: Final = 64
BATCH_CONNECTIONS: Final = 16
BATCH_ITEMS: Final = 100
WARM_SECONDS: Final = 1.0
ROUND_SECONDS: Final = 2.0
ROUNDS: Final = 5


class Floor:
    """Produces its body with acks=all and answers: the least that a gateway can do."""

    def __init__(self, producer: AIOKafkaProducer, topic: str) -> None:
        self._producer = producer
        self._topic = topic
        self._count = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request."""
        body = b""
        more = True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        items = [body] if scope["path"] == "/one" else [orjson.dumps(i) for i in orjson.loads(body)]
        futures = []
        for item in items:
            self._count += 1
            key = b"demo|visitor:%d" % self._count
            futures.append(await self._producer.send(self._topic, value=item, key=key))
        await asyncio.gather(*futures)
        answer = b'{"accepted":%d}' % len(items)
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", b"%d" % len(answer)),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer})


async def serve_floor(bootstrap: str, topic: str, port: int) -> None:
    """The floor's process."""
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap,
        acks="all",
        enable_idempotence=True,
        compression_type="lz4",
        max_batch_size=262_144,
    )
    await producer.start()
    config = uvicorn.Config(
        Floor(producer, topic),
        port=port,
        http="httptools",
        loop="none",
        lifespan="off",
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        backlog=2048,
    )
    await uvicorn.Server(config).serve()


def touchpoint(number: int) -> dict[str, Any]:
    """A plausible landing."""
    return {
        "event_id": f"{uuid.uuid4().hex}{number}",
        "visitor_id": f"visitor-{number * 7919 % 1_000_003}",
        "session_id": f"session-{number}",
        "occurred_at": int(time.time() * 1000),
        "url": "https://shop.example/products/hat?utm_source=google&utm_medium=cpc&gclid=Cj0KC",
        "referrer": "https://www.google.com/",
        "user_agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/126.0 Safari/537",
    }


def request(port: int, path: str, body: bytes) -> bytes:
    """The bytes of one POST."""
    return (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {SERVER_KEY}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        + body
    )


class Connection(asyncio.Protocol):
    """Sends a request, waits for the whole answer, sends the next."""

    def __init__(self, requests: list[bytes], *, offset: int, done: Callable[[], bool]) -> None:
        self._requests = requests
        self._next = offset
        self._done = done
        self._seen = b""
        self.answered = 0
        self.finished: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: Any) -> None:
        """Begin."""
        self._transport = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        """Count a whole answer and go on."""
        self._seen += data
        head, gap, rest = self._seen.partition(b"\r\n\r\n")
        if not gap:
            return
        if not head.startswith(b"HTTP/1.1 200"):
            self.finished.set_exception(RuntimeError(head.decode() + rest.decode()[:500]))
            self._transport.close()
            return
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        if len(rest) < length:
            return
        self._seen = b""
        self.answered += 1
        if self._done():
            self._transport.close()
            self.finished.set_result(None)
        else:
            self._send()

    def connection_lost(self, error: Exception | None) -> None:
        """A server that hangs up spoils the measurement."""
        if not self.finished.done():
            self.finished.set_exception(error or RuntimeError("the server hung up"))

    def _send(self) -> None:
        self._transport.write(self._requests[self._next % len(self._requests)])
        self._next += 1


async def load(
    port: int, path: str, connections: int, per_request: int, seconds: float
) -> tuple[float, int]:
    """Events a second that were answered, and all events from the first to the last."""
    bodies = []
    for n in range(512 if per_request == 1 else 32):
        items = [touchpoint(n * per_request + i) for i in range(per_request)]
        bodies.append(request(port, path, orjson.dumps(items[0] if per_request == 1 else items)))
    loop = asyncio.get_running_loop()
    ends = [loop.time() + WARM_SECONDS]
    made = [
        (
            await loop.create_connection(
                partial(Connection, bodies, offset=n * 31, done=lambda: loop.time() > ends[0]),
                "127.0.0.1",
                port,
            )
        )[1]
        for n in range(connections)
    ]
    ends[0] = loop.time() + WARM_SECONDS + seconds
    await asyncio.sleep(WARM_SECONDS)
    before = sum(c.answered for c in made)
    began = loop.time()
    await asyncio.sleep(seconds)
    after = sum(c.answered for c in made)
    elapsed = loop.time() - began
    await asyncio.gather(*(c.finished for c in made))
    return (after - before) * per_request / elapsed, sum(c.answered for c in made) * per_request


@dataclass(frozen=True)
class Target:
    """A server under load."""

    name: str
    pid: int
    port: int
    one: str
    many: str


@dataclass(frozen=True)
class Rate:
    """What one round gave."""

    events_per_second: float
    cpu_us_per_event: float


async def _measure(target: Target, *, batch: bool) -> Rate:
    """In a process of its own, so that the load does not share an interpreter with anything."""
    arguments = (
        [target.many, str(BATCH_CONNECTIONS), str(BATCH_ITEMS)]
        if batch
        else [target.one, str(SINGLE_CONNECTIONS), "1"]
    )
    process = psutil.Process(target.pid)
    before = process.cpu_times()
    load = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.gateway", "load", str(target.port), *arguments,
        stdout=subprocess.PIPE,
    )  # fmt: skip
    out, _ = await load.communicate()
    assert load.returncode == 0, f"the load on {target.name} failed"
    after = process.cpu_times()
    rate, total = (float(word) for word in out.split())
    spent = after.user + after.system - before.user - before.system
    return Rate(rate, spent / total * 1e6)


async def _listening(port: int) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            assert time.monotonic() < deadline, "the floor did not start"
            await asyncio.sleep(0.05)
        else:
            writer.close()
            return


async def run(bootstrap: str, dsn: str) -> list[dict[str, Any]]:
    """Gateway and floor in turn, medians of the rounds; one row for singles, one for batches."""
    prefix = f"bench{uuid.uuid4().hex[:8]}."
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        async with running(
            bootstrap=bootstrap, dsn=dsn, prefix=prefix, folder=Path(folder)
        ) as gateway:
            floor = _start_floor(bootstrap, prefix + TOPIC, port)
            try:
                await _listening(port)
                path = "/v1/touchpoints"
                return [
                    await _compare(
                        Target("gateway", gateway.pid, gateway.port, path, path),
                        Target("floor", floor.pid, port, "/one", "/many"),
                        batch=batch,
                    )
                    for batch in (False, True)
                ]
            finally:
                floor.terminate()
                floor.wait(10)


def _start_floor(bootstrap: str, topic: str, port: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.bench.gateway", "floor", bootstrap, topic, str(port)]
    )


async def _compare(ours: Target, floor: Target, *, batch: bool) -> dict[str, Any]:
    """Side by side, round after round: a busy machine is then busy for both."""
    pairs = [
        (await _measure(floor, batch=batch), await _measure(ours, batch=batch))
        for _ in range(ROUNDS)
    ]
    return {
        "stage": "gateway",
        "case": "batches of 100" if batch else "singles",
        "events_per_second": round(median(own.events_per_second for _, own in pairs)),
        "floor_events_per_second": round(median(low.events_per_second for low, _ in pairs)),
        "ratio": round(median(o.events_per_second / f.events_per_second for f, o in pairs), 3),
        "cpu_us_per_event": round(median(own.cpu_us_per_event for _, own in pairs), 1),
        "floor_cpu_us_per_event": round(median(low.cpu_us_per_event for low, _ in pairs), 1),
        "target": 0.5 if batch else 0.7,
    }


async def _alone() -> list[dict[str, Any]]:
    from tests.support.databases import Databases
    from tests.support.servers import broker, postgres

    with broker() as kafka, postgres() as server:
        async with Databases(server.dsn).fresh() as dsn:
            return await run(kafka.bootstrap, dsn)


def main() -> None:
    """The floor, the load, or the comparison."""
    match sys.argv[1:]:
        case ["floor", bootstrap, topic, port]:
            uvloop.run(serve_floor(bootstrap, topic, int(port)))
        case ["load", port, path, connections, items]:
            rate, total = uvloop.run(
                load(int(port), path, int(connections), int(items), ROUND_SECONDS)
            )
            sys.stdout.write(f"{rate} {total}\n")
        case _:
            for row in asyncio.run(_alone()):
                sys.stdout.write(json.dumps(row) + "\n")


if __name__ == "__main__":
    main()
