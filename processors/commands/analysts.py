"""`analyst add`: a login that sees one tenant, through the same tables and views as everybody."""

import re
import secrets
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

import sql
from processors.commands.operator import OperatorDatabase, Refused, database

QUERIES = sql.load("operator")
OWN = ("sslcert", "sslkey", "sslpassword", "user", "password", "passfile")
NAME = re.compile(r"[a-z][a-z0-9_]{0,40}")


async def add(name: str, *, tenant: str) -> str:
    """Make the login (or give it a new password) and return its database URL.

    Raises:
        Refused: for a name that cannot be a role, a role that is no analyst, or an unknown tenant.
    """
    if not NAME.fullmatch(name):
        raise Refused(f"{name!r} cannot be a login: lower-case letters, digits and _, 41 at most")
    role = f"analyst_{name}"
    password = secrets.token_urlsafe(18)
    async with database() as db, db.transaction() as conn:
        if await conn.fetchval(QUERIES["tenant"], tenant) is None:
            raise Refused(f"there is no tenant {tenant}: tenant add {tenant}")
        verb = "ALTER" if await conn.fetchval(QUERIES["role_exists"], role) else "CREATE"
        # Names and password are of a checked alphabet: DDL takes no parameters.
        await conn.execute(f"{verb} ROLE {role} LOGIN PASSWORD '{password}'")
        await conn.execute(f"GRANT attributary_analyst TO {role}")
        await conn.execute(QUERIES["add_analyst"], role, tenant)
        await conn.execute(QUERIES["audit"], tenant, "analyst", f'{{"role": "{role}"}}')
        base = await conn.fetchval(QUERIES["database_name"])
    parts = urlsplit(OperatorDatabase.load().database_url.get_secret_value())
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(
        (parts.scheme, f"{role}:{quote(password)}@{host}", f"/{base}", _shared(parts.query), "")
    )


def _shared(query: str) -> str:
    """How the server is reached, without what the operator proves itself with."""
    kept = [(name, value) for name, value in parse_qsl(query) if name not in OWN]
    return urlencode(kept, safe="/")
