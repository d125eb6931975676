"""`connect` and `disconnect`: what the gateway's API does for a tenant, for the operator.

The browser comes back to a server on this machine's own loopback, which waits for one request; or
the operator pastes the address that the browser was sent to, from wherever that was.
"""

import asyncio
import getpass
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

from processors.commands.operator import Refused, database, must_exist
from processors.engine.clock import wall_clock
from processors.engine.vault import Vault
from processors.platforms.connecting.flow import Connected, Connecting
from processors.platforms.connecting.refusal import NotConnected
from processors.platforms.connecting.state import LASTS_MS, Whose

Say = Callable[[str], None]
_PAGE = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n"
    b"Referrer-Policy: no-referrer\r\n\r\nAttributary has what it needs; close this page.\n"
)
_LONGEST = 16_384


async def connect(
    tenant: str,
    platform: str,
    *,
    redirect_url: str,
    account: str,
    pasted: Callable[[], str] | None,
    say: Say,
) -> Connected:
    """Connect the platform; `account` is chosen if it is given. `pasted` reads the address that
    the browser came back to; without it, a server on `redirect_url` waits for ten minutes.

    Raises:
        Refused: saying why nothing was connected.
    """
    whose = Whose(tenant, f"operator {getpass.getuser()}", platform)
    async with database() as db:
        async with db.connection() as conn:
            await must_exist(conn, tenant)
        connecting = Connecting(db, Vault.from_environment(), clock=wall_clock)
        try:
            page = await connecting.begin(whose, redirect_url=redirect_url)
            say(f"Sign in there, as somebody who may use the account:\n{page}")
            back = await _waited(redirect_url) if pasted is None else pasted()
            said = {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()}
            code = said.get("code") or said.get("auth_code") or ""
            state, error = said.get("state", ""), said.get("error", "")
            done = await connecting.complete(whose, state=state, code=code, error=error)
            if account:
                await connecting.select(whose, account)
                done = Connected(platform, account, done.accounts)
        except NotConnected as error:
            raise Refused(f"{platform}: {error.detail}") from None
    return done


async def choose(tenant: str, platform: str, account: str) -> None:
    """Send to this account of those that a connection may use.

    Raises:
        Refused: for one that is not listed.
    """
    whose = Whose(tenant, f"operator {getpass.getuser()}", platform)
    async with database() as db:
        try:
            connecting = Connecting(db, Vault.from_environment(), clock=wall_clock)
            await connecting.select(whose, account)
        except NotConnected as error:
            raise Refused(f"{platform}: {error.detail}") from None


async def disconnect(tenant: str, platform: str) -> bool:
    """Forget what was granted; whether the vendor has forgotten us.

    Raises:
        Refused: when nothing was connected.
    """
    whose = Whose(tenant, f"operator {getpass.getuser()}", platform)
    async with database() as db:
        try:
            connecting = Connecting(db, Vault.from_environment(), clock=wall_clock)
            return await connecting.disconnect(whose)
        except NotConnected as error:
            raise Refused(f"{platform}: {error.detail}") from None


async def _waited(redirect_url: str) -> str:
    """The address of the one request that has a state."""
    here = urlsplit(redirect_url)
    if here.hostname not in ("127.0.0.1", "localhost") or here.port is None:
        raise Refused("give --paste, or a --redirect-url of this machine, with a port")
    came: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = (await reader.readline()).decode("latin-1")[:_LONGEST]
        while (await reader.readline()).strip():
            pass
        writer.write(_PAGE)
        writer.close()
        target = line.split(" ")[1] if line.count(" ") >= 2 else ""
        if "state=" in target and not came.done():
            came.set_result(target)

    server = await asyncio.start_server(take, "127.0.0.1", here.port)
    async with server:
        try:
            return await asyncio.wait_for(came, LASTS_MS / 1_000)
        except TimeoutError:
            raise Refused("nobody came back within ten minutes") from None


def render(done: Connected) -> str:
    """Whether an account is still to be chosen."""
    if done.account_id:
        return f"{done.platform}: connected to {done.account_id}"
    if done.accounts is None:
        return f"{done.platform}: connected; its accounts cannot be listed now"
    listed = "\n".join(f"  {one.account_id}  {one.name}" for one in done.accounts)
    return f"{done.platform}: connected; choose one with --account:\n{listed}"
