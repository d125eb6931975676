"""The fault proxy: `python -m deploy.drills.proxy PLAN`, every way of every process in one place.

PLAN is a JSON file: `{"control": port, "ways": [{"process", "server", "port", "to"}]}`. Each way
listens on its loopback port and leads to `to`, a port of the server. Orders come as JSON lines to
the control port, each answered by a line: `{"do": "reset" | "hole" | "deafen" | "slow" | "mend",
"process", "server", "seconds"}` and `{"do": "point", "server", "host", "port"}`.

A way is open, or one of the four troubles. What was taken away is never given back later: after
`mend` a connection that has lost bytes is closed with RST, or the other side would wait for ever.
"""

import argparse
import asyncio
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import uvloop

from deploy.drills.pipe import Pair, Trouble
from deploy.local.files import write_atomically

_TROUBLES: Final = {
    "reset": Trouble.RESET,
    "hole": Trouble.HOLE,
    "deafen": Trouble.DEAF,
    "slow": Trouble.SLOW,
    "mend": Trouble.NONE,
}


@dataclass(frozen=True, kw_only=True)
class Way:
    """From one process to one server."""

    process: str
    server: str
    port: int
    to: int


def write_ways(path: Path, *, control: int, ways: list[Way]) -> None:
    """Lay the proxy out."""
    document = {"control": control, "ways": [asdict(way) for way in ways]}
    write_atomically(path, json.dumps(document, indent=2))


class Gate:
    """One way while the proxy runs: its trouble, and the connections on it."""

    def __init__(self, way: Way) -> None:
        self.way = way
        self.host = "127.0.0.1"
        self.port = way.to
        self.trouble = Trouble.NONE
        self.seconds = 0.0
        self.pairs: set[Pair] = set()
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        """Listen."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: Pair(self).near, "127.0.0.1", self.way.port)

    def close(self) -> None:
        """Listen no more."""
        if self._server is not None:
            self._server.close()

    def become(self, trouble: Trouble, seconds: float) -> None:
        """Another trouble, or none; connections that lost something end."""
        self.trouble, self.seconds = trouble, seconds
        for pair in list(self.pairs):
            if trouble is Trouble.RESET or (trouble is Trouble.NONE and pair.lost):
                pair.cut()

    def lead(self, host: str, port: int) -> None:
        """To another place from now on."""
        self.host, self.port = host, port
        for pair in list(self.pairs):
            pair.cut()


class Proxy:
    """All gates, and who gives orders."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._control = int(document["control"])
        ways = [Way(**row) for row in document["ways"]]
        self._gates = {(way.process, way.server): Gate(way) for way in ways}

    async def run(self) -> None:
        """For ever."""
        for gate in self._gates.values():
            await gate.open()
        server = await asyncio.start_server(self._orders, "127.0.0.1", self._control)
        await server.serve_forever()

    async def _orders(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            try:
                self._obey(json.loads(line))
                answer = "done"
            except (KeyError, TypeError, ValueError) as error:
                answer = f"refused: {type(error).__name__} {error}"
            writer.write(answer.encode() + b"\n")
            await writer.drain()
        writer.close()

    def _obey(self, order: dict[str, Any]) -> None:
        if order["do"] == "point":
            for (_, server), gate in self._gates.items():
                if server == order["server"]:
                    gate.lead(str(order["host"]), int(order["port"]))
            return
        gate = self._gates[order["process"], order["server"]]
        gate.become(_TROUBLES[order["do"]], float(order.get("seconds", 0.0)))


def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser(prog="python -m deploy.drills.proxy")
    parser.add_argument("plan", type=Path)
    document = json.loads(parser.parse_args().plan.read_text())
    uvloop.run(Proxy(document).run())


if __name__ == "__main__":
    main()
