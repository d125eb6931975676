"""A refresh token that the vendor voids by its use: two replicas do not lose one another's."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from deploy.simulators.authority import EXCHANGE
from processors.engine.postgres import Database
from processors.engine.vault import Vault, new_key
from processors.fanout.accounts import Accounts
from processors.platforms.base import Account, Result
from processors.platforms.connecting import store
from processors.platforms.http import Http
from processors.platforms.oauth import Tokens
from tests.integration.fanout.field import Simulator

NOW = 1_790_000_000_000
APP = {"client_id": "app", "client_secret": "secret-of-app"}


class Replica:
    """What one process has: its own accounts and its own tokens."""

    def __init__(self, dsn: str, vault: Vault, url: str) -> None:
        self.dsn = dsn
        self._vault = vault
        self._http = Http(timeout_seconds=10)
        self.now = NOW
        self.tokens = Tokens(self._http, url=url + EXCHANGE, clock=lambda: self.now)

    async def start(self) -> None:
        """Connect."""
        self.db = await Database.connect(
            self.dsn, role="attributary_processor", application_name="test", max_size=2
        )
        self.accounts = Accounts(
            "snapchat", self.db, vault=self._vault, clock=lambda: self.now, fresh_ms=0
        )

    async def account(self) -> Account:
        """As the control table has it now."""
        return (await self.accounts.current())["demo"]

    async def token(self) -> str | Result:
        """Of the account as it is now."""
        return await self.tokens.of(await self.account())

    async def close(self) -> None:
        """Let go."""
        await self._http.close()
        await self.db.close()


@pytest.fixture
async def snapchat(tmp_path: Path) -> AsyncIterator[Simulator]:
    """A vendor that voids a refresh token by its use."""
    made = Simulator("snapchat", tmp_path)
    await made.start()
    yield made
    made.kill()


async def signed_in(url: str) -> str:
    """A refresh token of the app."""
    async with httpx.AsyncClient(base_url=url) as browser:
        await browser.post("/_sim/authority", json={"rotates": True})
        asked = {
            "response_type": "code", "client_id": "app", "redirect_uri": "https://x.example",
            "state": "s", "scope": "snapchat-marketing-api",
        }  # fmt: skip
        page = await browser.get("/_oauth/authorize", params=asked)
        code = httpx.URL(page.headers["location"]).params["code"]
        form = {"grant_type": "authorization_code", "code": code, **APP}
        sold = await browser.post(EXCHANGE, data={**form, "redirect_uri": "https://x.example"})
        return str(sold.json()["refresh_token"])


async def test_replicas_share_what_is_bought_with_a_token_that_is_void_after(
    database: str, snapchat: Simulator
) -> None:
    vault = Vault(new_key())
    first = await signed_in(snapchat.url)
    owner = await asyncpg.connect(database)
    await owner.execute("INSERT INTO tenants (tenant_id) VALUES ('demo')")
    await owner.execute(
        "INSERT INTO platform_connections VALUES ('demo', 'snapchat', 'p1', $1, true)",
        store.sealed(vault, {**APP, "refresh_token": first}),
    )
    async with AsyncExitStack() as stack:
        replicas = [Replica(database, vault, snapchat.url) for _ in range(2)]
        for replica in replicas:
            await replica.start()
            stack.push_async_callback(replica.close)
        await share(replicas, first, vault, snapchat, owner)
    await owner.close()


async def share(
    replicas: list[Replica], first: str, vault: Vault, snapchat: Simulator, owner: Any
) -> None:
    """Both buy at once, again and again, and after a refusal."""
    one, two = replicas
    old = await two.account()

    both = await asyncio.gather(*(replica.token() for replica in replicas))
    assert both[0] == both[1], "one has bought, the other has found it"
    assert isinstance(both[0], str)
    assert await two.tokens.of(old) == both[0], "also under the token that is void by now"
    query = "SELECT credentials_encrypted FROM platform_connections"
    kept = store.opened(vault, await owner.fetchval(query))
    assert kept["refresh_token"] != first

    for _ in range(3):
        for replica in replicas:
            replica.now += 3_600_000
        fresh = await asyncio.gather(*(replica.token() for replica in replicas))
        assert fresh[0] == fresh[1]
        assert not isinstance(fresh[0], Result)

    refused = await one.account()
    one.tokens.forget(refused)
    again = await one.tokens.of(refused)
    assert isinstance(again, str)
    assert again != fresh[0], "one that the vendor refused is not found again"
    async with httpx.AsyncClient(base_url=snapchat.url) as asking:
        said = (await asking.get("/_sim/authority")).json()
    assert len(said["refresh"]) == 1
    kept = store.opened(vault, await owner.fetchval(query))
    assert said["refresh"] == [kept["refresh_token"]]
