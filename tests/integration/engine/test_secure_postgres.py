"""Postgres behind TLS: pool, operator and analysts get there, who cannot is told why."""

import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import asyncpg
import pytest

from processors.commands import analysts
from processors.engine.postgres import Database
from processors.engine.settings import Incomplete
from tests.support.certificates import Authority
from tests.support.tls_front import tls_front


@dataclass(frozen=True)
class Server:
    """A database with TLS in front of it."""

    dsn: str
    authority: Authority
    context: ssl.SSLContext
    folder: Path

    def url(self, **options: object) -> str:
        given = {"sslmode": "verify-full", "sslrootcert": self.authority.ca_file} | options
        return f"{self.dsn}?{urlencode(given, safe='/')}"


@pytest.fixture
async def server(database: str, tmp_path: Path) -> AsyncIterator[Server]:
    authority = Authority(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=authority.ca_file)
    context.load_cert_chain(*authority.issue("server", hosts=("127.0.0.1",)))
    own = urlsplit(database).port
    assert own is not None
    async with tls_front(own, context) as port:
        yield Server(database.replace(f":{own}/", f":{port}/"), authority, context, tmp_path)


async def refused(url: str) -> str:
    with pytest.raises(Incomplete) as told:
        await Database.connect(url, application_name="test")
    assert str(told.value).startswith("DATABASE_URL: ")
    assert str(urlsplit(url).password) not in str(told.value)
    return str(told.value)


async def test_pool_and_analyst_come_in_over_tls_and_the_operators_key_stays_his(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.context.verify_mode = ssl.CERT_REQUIRED
    certificate, key = server.authority.issue("operator")
    url = server.url(sslcert=certificate, sslkey=key)
    db = await Database.connect(url, role="attributary_credit", application_name="test")
    async with db.connection() as held:
        assert await held.fetchval("SELECT current_user") == "attributary_credit"
    await db.close()
    conn = await asyncpg.connect(url)
    await conn.execute("INSERT INTO tenants (tenant_id) VALUES ('acme')")
    await conn.close()
    monkeypatch.setenv("DATABASE_URL", url)
    given = await analysts.add("tlsreader", tenant="acme")
    assert "sslkey" not in given
    assert "sslcert" not in given
    server.context.verify_mode = ssl.CERT_NONE
    try:
        analyst = await asyncpg.connect(given)
        assert await analyst.fetchval("SELECT current_user") == "analyst_tlsreader"
        await analyst.close()
    finally:
        conn = await asyncpg.connect(url)
        await conn.execute("DELETE FROM analysts; DROP ROLE analyst_tlsreader")
        await conn.close()


async def test_who_is_not_let_in_is_told_at_once_and_why(server: Server) -> None:
    stranger = Authority(server.folder, name="stranger").ca_file
    assert "no encryption" in await refused(f"{server.dsn}?sslmode=disable")
    assert "sslrootcert" in await refused(server.url(sslrootcert=stranger))
    elsewhere = server.url().replace("@127.0.0.1:", "@localhost:")
    assert "sslrootcert" in await refused(elsewhere)
    assert "sslrootcert" in await refused(server.url(sslrootcert=server.folder / "gone.pem"))
    wrong = server.url().replace(f":{urlsplit(server.dsn).password}@", ":guessed@")
    assert "password" in await refused(wrong)


async def test_a_server_without_tls_is_no_reason_to_wait(database: str) -> None:
    assert "rejected SSL upgrade" in await refused(f"{database}?sslmode=require")


async def test_a_role_that_is_not_there_is_named(database: str) -> None:
    with pytest.raises(Incomplete, match="attributary_nobody"):
        await Database.connect(database, role="attributary_nobody", application_name="test")
