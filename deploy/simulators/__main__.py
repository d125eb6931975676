"""`python -m deploy.simulators PLATFORM=PORT ... [--state FOLDER]`.

One process serves any number of simulators, each on a port of its own; what they keep, and the
troubles that they are told to make, are each one's own. A simulator is the module of its platform's
name: one that takes events has its `RULES` there, and a source, which is read and forgets with its
process what it was told, an `application` of its own.
"""

import argparse
import socket
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Final, cast

import uvicorn
from starlette.applications import Starlette

from deploy.simulators.connection import Droppable
from deploy.simulators.ledger import Ledger
from deploy.simulators.ports import ByPort
from deploy.simulators.server import application

_IDLE_SECONDS: Final = 75
"""How long a connection may wait for its next request, as at the front ends of vendors: longer than
a client keeps it, or the server would now and then cut a request that has just left."""


def main() -> None:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m deploy.simulators", description=__doc__)
    parser.add_argument("platforms", metavar="PLATFORM=PORT", type=_platform, nargs="+")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument(
        "--state", type=Path, help="folder of append-only files that outlive a restart"
    )
    given = parser.parse_args()
    served = {port: _application(platform, given.state) for platform, port in given.platforms}
    config = uvicorn.Config(
        ByPort(served),
        http=Droppable,
        log_level="warning",
        lifespan="off",
        timeout_keep_alive=_IDLE_SECONDS,
        timeout_graceful_shutdown=2,
    )
    uvicorn.Server(config).run([socket.create_server((given.host, port)) for port in served])


def _platform(told: str) -> tuple[str, int]:
    platform, _, port = told.partition("=")
    if not platform.isidentifier() or find_spec(f"deploy.simulators.{platform}") is None:
        raise argparse.ArgumentTypeError(f"no simulator of {platform}")
    if not port.isdecimal():
        raise argparse.ArgumentTypeError(f"no port for {platform}: {platform}=PORT")
    return platform, int(port)


def _application(platform: str, state: Path | None) -> Starlette:
    module = import_module(f"deploy.simulators.{platform}")
    if not hasattr(module, "RULES"):
        return cast(Starlette, module.application())
    ledger = Ledger(state / f"{platform}.jsonl" if state is not None else None)
    return application(module.RULES(ledger), ledger)


if __name__ == "__main__":
    main()
