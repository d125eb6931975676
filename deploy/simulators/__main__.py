"""`python -m deploy.simulators PLATFORM --port P [--state FILE]`."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Final

import uvicorn
from starlette.applications import Starlette

from deploy.simulators import fairing, shopify
from deploy.simulators.connection import Droppable
from deploy.simulators.ga4 import Ga4Rules
from deploy.simulators.ledger import Ledger
from deploy.simulators.meta import MetaRules
from deploy.simulators.server import Rules, application
from deploy.simulators.sgtm import SgtmRules

PLATFORMS: Final[dict[str, Callable[[Ledger], Rules]]] = {
    "meta": MetaRules,
    "ga4": Ga4Rules,
    "sgtm": SgtmRules,
}
LISTINGS: Final[dict[str, Callable[[], Starlette]]] = {
    "shopify": shopify.application,
    "fairing": fairing.application,
}
"""Sources, which are read; what they hold is told to them, and forgotten with them."""


def main() -> None:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m deploy.simulators", description=__doc__)
    parser.add_argument("platform", choices=sorted({*PLATFORMS, *LISTINGS}))
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


def _application(platform: str, state: Path | None) -> Starlette:
    if platform in LISTINGS:
        return LISTINGS[platform]()
    ledger = Ledger(state)
    return application(PLATFORMS[platform](ledger), ledger)


if __name__ == "__main__":
    main()
