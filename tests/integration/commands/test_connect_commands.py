"""An operator connects a platform from the command line; the browser comes back to it."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from deploy.local.ports import free_port
from deploy.simulators.authority import API, AUTHORIZE, EXCHANGE, REVOKE
from processors.commands import connecting, tenants
from processors.commands.operator import Refused
from processors.engine.vault import new_key
from tests.integration.fanout.field import Simulator


@pytest.fixture
async def pinterest(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Simulator]:
    """A vendor, and an operator who knows it."""
    made = Simulator("pinterest", tmp_path)
    await made.start()
    settings = {
        "DATABASE_URL": database,
        "ATTRIBUTARY_VAULT_KEY": new_key(),
        "ATTRIBUTARY_PINTEREST_AUTHORIZE_URL": made.url + AUTHORIZE,
        "ATTRIBUTARY_PINTEREST_TOKEN_URL": made.url + EXCHANGE,
        "ATTRIBUTARY_PINTEREST_API_URL": made.url + API,
        "ATTRIBUTARY_PINTEREST_REVOKE_URL": made.url + REVOKE,
        "ATTRIBUTARY_PINTEREST_CLIENT_ID": "app",
        "ATTRIBUTARY_PINTEREST_CLIENT_SECRET": "secret-of-app",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    await tenants.add("acme")
    yield made
    made.kill()


async def row(dsn: str) -> Any:
    """The tenant's connection."""
    conn = await asyncpg.connect(dsn)
    try:
        return await conn.fetchrow("SELECT * FROM platform_connections")
    finally:
        await conn.close()


async def test_the_command_waits_for_the_browser_and_keeps_no_token_in_the_clear(
    database: str, pinterest: Simulator
) -> None:
    back = f"http://127.0.0.1:{free_port()}/callback"
    argv = (sys.executable, "-m", "processors", "connect", "pinterest", "--tenant", "acme")
    command = await asyncio.create_subprocess_exec(
        *argv, "--redirect-url", back, stdout=subprocess.PIPE, env=dict(os.environ)
    )
    assert command.stdout is not None
    await command.stdout.readline()
    page = (await command.stdout.readline()).decode().strip()
    async with httpx.AsyncClient() as browser:
        there = await browser.get(page)
        for _ in range(100):
            try:
                answer = await browser.get(there.headers["location"])
                break
            except httpx.ConnectError:
                await asyncio.sleep(0.05)
    assert answer.status_code == 200
    told = (await command.stdout.read()).decode()
    assert await command.wait() == 0
    assert told == "pinterest: connected to 549755885175\n"
    found = await row(database)
    assert (found["account_id"], found["enabled"]) == ("549755885175", True)
    assert "secret" not in found["credentials_encrypted"] + told

    assert await connecting.disconnect("acme", "pinterest")
    assert not (await row(database))["enabled"]
    with pytest.raises(Refused, match="not connected"):
        await connecting.disconnect("acme", "pinterest")


async def test_a_pasted_address_does_as_well_and_a_foreign_one_does_not(
    database: str, pinterest: Simulator
) -> None:
    said: list[str] = []

    def go(account: str, state: str | None = None) -> Any:
        def pasted() -> str:
            location = httpx.get(said[-1].splitlines()[1]).headers["location"]
            return str(httpx.URL(location).copy_merge_params({"state": state} if state else {}))

        return connecting.connect(
            "acme", "pinterest", redirect_url="https://x.example/back", account=account,
            pasted=pasted, say=said.append,
        )  # fmt: skip

    with pytest.raises(Refused, match="none of ours"):
        await go("", state="forged")
    with pytest.raises(Refused, match="not one of those"):
        await go("7")
    done = await go("549755885175")
    assert connecting.render(done) == "pinterest: connected to 549755885175"
    assert (await row(database))["enabled"]
