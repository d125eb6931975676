"""A real single-node Kafka (KRaft) on loopback.

`python -m deploy.local.kafka DIRECTORY --port P --controller-port C` prepares the directory (jars,
configuration, storage format), then becomes the broker: the pid that was started is the broker's.
With `--way NAME=PORT:ADVERTISED` it listens on another port, too, and tells those who ask there to
come by the advertised one, where a proxy may stand.
"""

import argparse
import base64
import os
import shutil
import string
import subprocess
import sys
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from deploy.local import jars
from deploy.local.failure import LocalStackError
from deploy.local.files import write_atomically
from deploy.local.machine import require_java
from deploy.local.ports import free_port
from deploy.local.server import Server
from deploy.local.service import Service

_CONFIGURATION: Final = jars.PROJECT / "deploy" / "kafka"
_SETTINGS: Final = ("listeners", "advertised.listeners", "listener.security.protocol.map")
# The serial collector starts faster and needs less memory than G1 for a broker of this size, and
# one that lives for minutes never earns back what the second compiler costs: a third of its CPU.
_JVM: Final = (
    "-Xms256m", "-Xmx768m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
    "-Djava.awt.headless=true",
)  # fmt: skip


def kafka_service(directory: Path, *, port: int, controller_port: int) -> Service:
    """Describe a broker with its data in this directory."""
    ports = ("--port", str(port), "--controller-port", str(controller_port))
    return Service(
        name="kafka",
        argv=(sys.executable, "-m", "deploy.local.kafka", str(directory.absolute()), *ports),
        port=port,
        ready_url=f"kafka://127.0.0.1:{port}",
    )


class Kafka(Server):
    """A broker as a child of this process, for tests and drills."""

    def __init__(self, directory: Path) -> None:
        port = free_port()
        controller_port = free_port(besides=frozenset({port}))
        service = kafka_service(directory, port=port, controller_port=controller_port)
        super().__init__(service, log=directory / "kafka.log")
        self.bootstrap: Final = f"127.0.0.1:{port}"

    def launch(self) -> None:
        """Download first, so that the time limit of the start is the broker's own."""
        jars.ensure(lambda text: print(text, file=sys.stderr))
        super().launch()


def with_ways(service: Service, ways: Mapping[str, tuple[int, int]]) -> Service:
    """The broker with further listeners: name -> the port, and the port that it advertises."""
    told = [
        part
        for name, (port, advertised) in ways.items()
        for part in ("--way", f"{name}={port}:{advertised}")
    ]
    return replace(service, argv=(*service.argv, *told))


def _prepare(
    directory: Path, *, port: int, controller_port: int, ways: Sequence[str] = ()
) -> list[str]:
    data = directory / "data"
    properties = directory / "server.properties"
    template = string.Template((_CONFIGURATION / "server.properties").read_text())
    text = template.substitute(port=port, controller_port=controller_port, data=data)
    write_atomically(properties, text + (_listeners(text, ways) if ways else ""))
    java = [
        *(require_java(), *_JVM, "-cp", f"{jars.ensure()}/*"),
        f"-Dlog4j2.configurationFile={_CONFIGURATION / 'log4j2.properties'}",
    ]
    if not (directory / "formatted").exists():
        shutil.rmtree(data, ignore_errors=True)  # the rest of a format that was killed
        cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        # With `=`: an id may begin with a dash.
        storage = ["kafka.tools.StorageTool", "format", f"--cluster-id={cluster}"]
        storage += ["--config", str(properties)]
        if subprocess.run([*java, *storage], check=False).returncode != 0:
            raise LocalStackError(f"Kafka could not format {data}")
        (directory / "formatted").touch()
    return [*java, "kafka.Kafka", str(properties)]


def _listeners(text: str, ways: Sequence[str]) -> str:
    """The three settings again with the ways in them: of a setting told twice the last counts."""
    known = dict(line.split("=", 1) for line in text.splitlines() if "=" in line and line[0] != "#")
    listeners, advertised, protocols = ([known[name]] for name in _SETTINGS)
    for way in ways:
        name, _, ports = way.partition("=")
        port, _, told = ports.partition(":")
        label = f"VIA_{name.upper().replace('-', '_')}"
        listeners.append(f"{label}://127.0.0.1:{port}")
        advertised.append(f"{label}://127.0.0.1:{told}")
        protocols.append(f"{label}:PLAINTEXT")
    values = map(",".join, (listeners, advertised, protocols))
    return (
        "".join(f"\n{name}={value}" for name, value in zip(_SETTINGS, values, strict=True)) + "\n"
    )


def main() -> None:
    """Prepare, then become the broker."""
    parser = argparse.ArgumentParser(prog="python -m deploy.local.kafka")
    parser.add_argument("directory", type=Path)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--controller-port", type=int, required=True)
    parser.add_argument("--way", action="append", default=[])
    wanted = parser.parse_args()
    wanted.directory.mkdir(parents=True, exist_ok=True)
    try:
        ports = {"port": wanted.port, "controller_port": wanted.controller_port}
        argv = _prepare(wanted.directory, **ports, ways=wanted.way)
    except LocalStackError as error:
        sys.exit(str(error))
    sys.stdout.flush()
    os.execv(argv[0], argv)  # noqa: S606


if __name__ == "__main__":
    main()
