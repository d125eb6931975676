"""A vendor that listens, and the connector that talks to it.

The cases of a platform are the files of its folder here: `requests.json` (deliveries and the exact
request), `answers.json` (an answer and its verdict, or `verdicts`, one an event), `refusals.json`
(what is refused unsent; the first with a null refusal is the good delivery of the other tests),
`names.json` (the 18 standard events as the vendor calls them; null where it takes none),
`limits.json`, `spend.json` of `test_spend_readers`, and `account.json` when the account needs more
than an access token. A case may have `credentials` of its own, and an answer the fields of another
`delivery`.
"""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from processors.platforms.base import Account, Connector
from processors.platforms.registry import CONNECTORS
from schemas.delivery import Platform
from tests.contract.platforms.vendor import TOKEN_PATH, Vendor

NOW_MS = 1_788_600_060_000
SEAL_KEY = bytes(range(64))
"""What `sealed` in the cases is sealed under: the same details always give the same text."""

HERE = Path(__file__).parent

Connect = Callable[[Platform], Awaitable[Connector]]


def account(platform: Platform, credentials: Mapping[str, str] | None = None) -> Account:
    """The account of a platform's cases, with the `credentials` of one over it. Every secret is
    `secret-1`, and must show nowhere."""
    told = HERE / platform / "account.json"
    own = {"access_token": "secret-1", "api_secret": "secret-1"}
    found: dict[str, Any] = {"account_id": "acct-1", "credentials": own}
    if told.exists():
        found = json.loads(told.read_text())
    return Account("acme", found["account_id"], {**found["credentials"], **(credentials or {})})


@pytest.fixture
async def vendor() -> AsyncIterator[Vendor]:
    """Listens on a free port."""
    told = Vendor()
    server = await asyncio.start_server(told.serve, "127.0.0.1", 0)
    told.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield told


@pytest.fixture
async def connect(vendor: Vendor, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Connect]:
    """Connectors whose base URL is the vendor's."""
    made: list[Connector] = []
    monkeypatch.setenv("ATTRIBUTARY_SEAL_KEY", base64.b64encode(SEAL_KEY).decode())

    async def load(platform: Platform) -> Connector:
        monkeypatch.setenv(f"ATTRIBUTARY_{platform.upper()}_BASE_URL", vendor.url + "/")
        monkeypatch.setenv(f"ATTRIBUTARY_{platform.upper()}_TOKEN_URL", vendor.url + TOKEN_PATH)
        connector = CONNECTORS[platform].load(lambda: NOW_MS)
        made.append(connector)
        return connector

    yield load
    for connector in made:
        await connector.close()
