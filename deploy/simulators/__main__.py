"""`python -m deploy.simulators PLATFORM --port P [--state FILE]`.

A simulator is the module of its platform's name: one that takes events has its `RULES` there, and
a source, which is read and forgets with its process what it was told, an `application` of its own.
"""

import argparse
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import cast

import uvicorn
from starlette.applications import Starlette

from deploy.simulators.connection import Droppable
from deploy.simulators.ledger import Ledger
from deploy.simulators.server import application


def main() -> None:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m deploy.simulators", description=__doc__)
    parser.add_argument("platform", type=_module)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--state", type=Path, help="append-only file that outlives a restart")
    given = parser.parse_args()
    uvicorn.run(
        _application(given.platform, given.state),
        host=given.host,
        port=given.port,
        http=Droppable,
        log_level="warning",
        lifespan="off",
        timeout_graceful_shutdown=2,
    )


def _module(platform: str) -> ModuleType:
    name = f"deploy.simulators.{platform}"
    if not platform.isidentifier() or find_spec(name) is None:
        raise argparse.ArgumentTypeError(f"no simulator of {platform}")
    return import_module(name)


def _application(module: ModuleType, state: Path | None) -> Starlette:
    if not hasattr(module, "RULES"):
        return cast(Starlette, module.application())
    ledger = Ledger(state)
    return application(module.RULES(ledger), ledger)


if __name__ == "__main__":
    main()
