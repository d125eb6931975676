"""`python -m deploy.shop --port P --env FILE`: serve until SIGTERM.

FILE is what `make up` writes for shells; it is read again whenever it changes, since the keys in it
are made once the gateway is there.
"""

import argparse
from functools import cache
from pathlib import Path

import uvicorn

from deploy.local.envfile import read_env
from deploy.shop.server import Account, application


def account_in(file: Path) -> Account | None:
    """The account that the file tells of; None until all of it is there."""
    try:
        changed = file.stat().st_mtime_ns
    except FileNotFoundError:
        return None
    return _read(file, changed)


@cache
def _read(file: Path, _: int) -> Account | None:
    said = read_env(file)
    names = ("GATEWAY_URL", "ATTRIBUTARY_BROWSER_KEY", "ATTRIBUTARY_API_KEY")
    found = [said.get(name) for name in names]
    gateway_url, browser_key, server_key = found
    if gateway_url is None or browser_key is None or server_key is None:
        return None
    return Account(gateway_url, browser_key, server_key)


def main() -> None:
    """Serve."""
    parser = argparse.ArgumentParser(prog="python -m deploy.shop", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--env", type=Path, required=True, help="what `make up` writes for shells")
    given = parser.parse_args()
    uvicorn.run(
        application(lambda: account_in(given.env)),
        host=given.host,
        port=given.port,
        log_level="warning",
        lifespan="off",
        timeout_graceful_shutdown=2,
    )


if __name__ == "__main__":
    main()
