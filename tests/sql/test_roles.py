"""A role for each processor: what its queries need, nothing besides, and no way to another's."""

import re
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final, TypeAlias

import asyncpg
import pytest
import pytest_asyncio

from processors.engine.settings import EngineSettings
from processors.registry import PROCESSORS
from tests.sql.needs import queries_of
from tests.sql.test_tenancy import CONTROL_ROWS, OTHER, OWN
from tests.support.databases import Databases

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

every_processor = pytest.mark.parametrize("name", list(PROCESSORS))
SECRETS: Final = {
    "platform_connections": "credentials_encrypted",
    "webhook_sources": "secret_encrypted",
    "api_keys": "key_sha256",
    "users": "password_hash",
    "connection_attempts": "verifier_encrypted",
    "pixel_alert_configs": "webhook_secret_encrypted",
}
GIVEN: Final = """
SELECT c.relname AS name, g.privilege_type AS privilege, NULL AS only
FROM pg_class AS c CROSS JOIN LATERAL aclexplode(c.relacl) AS g
WHERE c.relnamespace = 'public'::regnamespace AND g.grantee = $1::regrole
UNION ALL
SELECT c.relname, g.privilege_type, a.attname
FROM pg_class AS c
JOIN pg_attribute AS a ON a.attrelid = c.oid
CROSS JOIN LATERAL aclexplode(a.attacl) AS g
WHERE c.relnamespace = 'public'::regnamespace AND g.grantee = $1::regrole
ORDER BY 1, 2, 3"""
FUNCTIONS: Final = """
SELECT proname AS name, prosrc AS body FROM pg_proc
WHERE pronamespace = 'public'::regnamespace AND NOT prosecdef"""
LOGINS: Final = "CREATE ROLE {login} LOGIN PASSWORD '{word}' IN ROLE attributary_{name}"


@dataclass(frozen=True, slots=True)
class Given:
    """One right that a role has: on a relation, or on a column of it."""

    name: str
    privilege: str
    only: str | None

    @property
    def sql(self) -> str:
        """As GRANT and REVOKE have it."""
        return f"{self.privilege}{f' ({self.only})' if self.only else ''} ON {self.name}"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shop(databases: Databases) -> AsyncIterator[str]:
    """A database in which two tenants have rows of what the operator keeps."""
    async with databases.fresh() as dsn:
        conn = await asyncpg.connect(dsn)
        try:
            for tenant in (OWN, OTHER):
                await conn.execute("INSERT INTO tenants (tenant_id) VALUES ($1)", tenant)
                await conn.execute("SELECT set_config('test.tenant', $1, false)", tenant)
                await conn.execute(CONTROL_ROWS.replace("$1", "current_setting('test.tenant')"))
        finally:
            await conn.close()
        yield dsn


@pytest.fixture
async def operator(shop: str) -> AsyncIterator[Connection]:
    conn = await asyncpg.connect(shop)
    try:
        yield conn
    finally:
        await conn.close()


@pytest.fixture
async def login(shop: str, operator: Connection, name: str) -> AsyncIterator[Connection]:
    """A process of that processor, whose login is in no other role."""
    login, word = f"test_{name}_{secrets.token_hex(4)}", secrets.token_hex(8)
    await operator.execute(LOGINS.format(login=login, word=word, name=name))
    conn = await asyncpg.connect(
        shop, user=login, password=word, server_settings={"role": f"attributary_{name}"}
    )
    try:
        yield conn
    finally:
        await conn.close()
        await operator.execute(f"DROP ROLE {login}")


async def _runs(conn: Connection, text: str, role: str) -> str | None:
    """What Postgres says against the query as that role; it plans it and does not run it."""
    transaction = conn.transaction()
    await transaction.start()
    try:
        await conn.execute(f"SET LOCAL ROLE {role}")
        await conn.execute(f"EXPLAIN (GENERIC_PLAN) {text}")
    except asyncpg.PostgresError as error:
        return str(error)
    finally:
        await transaction.rollback()
    return None


@every_processor
async def test_every_query_of_a_processor_is_allowed_to_its_role(
    operator: Connection, name: str
) -> None:
    role = EngineSettings.model_construct().role_of(name)
    assert role == f"attributary_{name}"
    queries = queries_of(name)
    assert len(queries) > 10
    refused = {
        q: said for q, text in queries.items() if (said := await _runs(operator, text, role))
    }
    assert refused == {}


@every_processor
async def test_a_role_has_no_right_that_no_query_needs(operator: Connection, name: str) -> None:
    role, texts = f"attributary_{name}", list(queries_of(name).values())
    bodies = [row["body"] for row in await operator.fetch(FUNCTIONS) if _named(row["name"], texts)]
    given = [Given(**row) for row in await operator.fetch(GIVEN, role)]
    assert given
    idle = []
    for right in given:
        transaction = operator.transaction()
        await transaction.start()
        try:
            await operator.execute(f"REVOKE {right.sql} FROM {role}")
            # Through a view or a function, any of them may need the table.
            ours = [text for text in texts if _named(right.name, [text])]
            needed = right.privilege == "SELECT" and _named(right.name, bodies)
            for text in ours or texts:
                needed = needed or await _runs(operator, text, role) is not None
            if not needed:
                idle.append(right.sql)
        finally:
            await transaction.rollback()
    assert idle == []


def _named(name: str, texts: list[str]) -> bool:
    return any(re.search(rf"\b{name}\b", text) for text in texts)


@every_processor
async def test_a_process_reads_and_writes_nothing_that_is_not_its_own(
    login: Connection, operator: Connection, name: str
) -> None:
    own = {row["name"] for row in await operator.fetch(GIVEN, f"attributary_{name}")}
    tables = await operator.fetch(
        "SELECT relname AS name FROM pg_class"
        " WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm')"
    )
    foreign = [row["name"] for row in tables if row["name"] not in own]
    assert len(foreign) > 60
    for table in foreign:
        for statement in (f"SELECT FROM {table}", f"DELETE FROM {table}"):
            with pytest.raises(asyncpg.PostgresError) as refused:
                await login.execute(statement)
            told = refused.value
            unwritable = isinstance(told, asyncpg.ObjectNotInPrerequisiteStateError)
            assert isinstance(told, asyncpg.InsufficientPrivilegeError) or unwritable, statement
    for table, column in SECRETS.items():
        if (name, table) == ("fanout", "platform_connections"):
            assert await login.fetch(f"SELECT {column} FROM {table}"), "it signs in with them"
            continue
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await login.fetch(f"SELECT {column} FROM {table}")


@every_processor
async def test_a_process_becomes_nobody_else(login: Connection, name: str) -> None:
    others = [f"attributary_{other}" for other in PROCESSORS if other != name]
    others += [
        "attributary_processor", "attributary_gateway", "attributary_scheduler",
        "attributary_connector", "attributary_analyst", "attributary_reader",
        "attributary_editor", "postgres",
    ]  # fmt: skip
    for other in others:
        for trick in (
            f"SET ROLE {other}",
            f"SELECT set_config('role', '{other}', false)",
            f"SET SESSION AUTHORIZATION {other}",
            f"GRANT {other} TO CURRENT_USER",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await login.execute(trick)
    for trick in (
        "ALTER TABLE consumed_offsets DISABLE ROW LEVEL SECURITY",
        "CREATE TABLE public.mine ()",
        "CREATE FUNCTION public.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE ROLE mine",
        "COPY tenants TO PROGRAM 'cat'",
        "SELECT pg_read_file('PG_VERSION')",
        "TRUNCATE consumed_offsets",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await login.execute(trick)
    assert await login.fetchval("SELECT current_user") == f"attributary_{name}"


@pytest.mark.parametrize("name", ["dedupe"])
async def test_a_login_without_its_role_has_no_right(login: Connection, name: str) -> None:
    """Not even by membership: what is not granted to the role is granted to nobody of it."""
    await login.execute("RESET ROLE")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await login.execute("DELETE FROM dedupe_keys")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await login.fetch("SELECT account_id FROM platform_connections")


@every_processor
async def test_a_processor_sees_every_tenant_in_what_is_its_own(
    login: Connection, operator: Connection, name: str
) -> None:
    hidden = []
    for row in await operator.fetch(GIVEN, f"attributary_{name}"):
        if row["privilege"] == "SELECT" and row["only"] in (None, "tenant_id"):
            query = f"SELECT count(*) FROM {row['name']}"
            if await login.fetchval(query) != await operator.fetchval(query):
                hidden.append(row["name"])
    assert hidden == []
