"""Orders to the fault proxy, and the plan by which each process goes through it."""

import asyncio
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from deploy.drills.proxy import Way, write_ways
from deploy.local.folder import StackFolder
from deploy.local.kafka import with_ways
from deploy.local.ports import PortBook
from deploy.local.service import Service
from deploy.local.services import SERVERS

PROXY: Final = "proxy"
_ANSWER_SECONDS: Final = 10.0


class Ways:
    """The ports of every way, the same over restarts of a drill's folder."""

    def __init__(self, folder: StackFolder, names: Sequence[str], ports: PortBook) -> None:
        self._plan = folder.path / "ways.json"
        self.control: Final = ports.take("proxy-control")
        self._listeners = {name: ports.take(f"kafka-for-{name}") for name in names}
        self._near = {
            (name, server): ports.take(f"{server}-near-{name}")
            for name in names
            for server in SERVERS
        }

    def broker(self, kafka: Service) -> Service:
        """The broker with a listener for every process, advertised at the proxy."""
        ways = {name: (port, self._near[name, "kafka"]) for name, port in self._listeners.items()}
        return with_ways(kafka, ways)

    def proxy(self, *, postgres_port: int) -> Service:
        """The proxy itself, laid out."""
        to = {"postgres": lambda _: postgres_port, "kafka": self._listeners.__getitem__}
        ways = [
            Way(process=name, server=server, port=port, to=to[server](name))
            for (name, server), port in self._near.items()
        ]
        write_ways(self._plan, control=self.control, ways=ways)
        return Service(
            name=PROXY,
            argv=(sys.executable, "-m", "deploy.drills.proxy", str(self._plan)),
            port=self.control,
            ready_url=f"tcp://127.0.0.1:{self.control}",
        )

    def through(self, service: Service, environment: Mapping[str, str]) -> Service:
        """The service with both its servers behind the proxy."""
        dsn = urlsplit(environment[SERVERS["postgres"]])
        place = f"127.0.0.1:{self._near[service.name, 'postgres']}"
        account = dsn.netloc.rpartition("@")[0]
        here = {
            SERVERS["postgres"]: urlunsplit(dsn._replace(netloc=f"{account}@{place}")),
            SERVERS["kafka"]: f"127.0.0.1:{self._near[service.name, 'kafka']}",
        }
        return replace(service, env={**service.env, **here})


class ProxyLinks:
    """`fault.Links`, by the proxy's control port."""

    def __init__(self, control: int) -> None:
        self._control = control

    async def reset(self, process: str, server: str) -> None:
        """Every connection ends with RST, and so does every new one."""
        await self._order("reset", process, server)

    async def hole(self, process: str, server: str) -> None:
        """Bytes vanish both ways."""
        await self._order("hole", process, server)

    async def deafen(self, process: str, server: str) -> None:
        """What the server answers vanishes."""
        await self._order("deafen", process, server)

    async def slow(self, process: str, server: str, *, seconds: float) -> None:
        """Each chunk arrives that much later."""
        await self._order("slow", process, server, seconds=seconds)

    async def mend(self, process: str, server: str) -> None:
        """As if nothing had been."""
        await self._order("mend", process, server)

    async def point(self, server: str, *, host: str, port: int) -> None:
        """From now on the server is there."""
        await self._tell({"do": "point", "server": server, "host": host, "port": port})

    async def _order(self, do: str, process: str, server: str, *, seconds: float = 0.0) -> None:
        told = {"do": do, "process": process, "server": server, "seconds": seconds}
        await self._tell(told)

    async def _tell(self, order: Mapping[str, object]) -> None:
        async with asyncio.timeout(_ANSWER_SECONDS):
            reader, writer = await asyncio.open_connection("127.0.0.1", self._control)
            try:
                writer.write(json.dumps(order).encode() + b"\n")
                answer = (await reader.readline()).decode().strip()
            finally:
                writer.close()
        if answer != "done":
            raise ValueError(f"the proxy on {order}: {answer or 'no answer'}")
