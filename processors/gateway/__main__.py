"""`python -m processors.gateway`: this process alone, on uvloop, until SIGTERM."""

import uvloop

from processors.engine import log
from processors.gateway.server import serve
from processors.gateway.settings import GatewaySettings


def main() -> None:
    """Read the environment, and serve."""
    settings = GatewaySettings.load()
    log.configure(settings.log_level, component="gateway")
    uvloop.run(serve(settings))


if __name__ == "__main__":
    main()
