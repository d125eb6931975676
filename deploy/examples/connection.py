"""How the examples reach the local stack: `source .attributary/env` first."""

import os

from processors.client import Client


def client() -> Client:
    """A client of the gateway that the environment names.

    Raises:
        SystemExit: naming what is missing.
    """
    try:
        return Client(os.environ["GATEWAY_URL"], os.environ["ATTRIBUTARY_API_KEY"])
    except KeyError as missing:
        raise SystemExit(f"set {missing}: `make up`, then `source .attributary/env`") from None
