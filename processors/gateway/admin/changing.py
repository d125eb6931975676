"""Who changes something on a page, and the trace that it leaves."""

from dataclasses import dataclass
from typing import Any

import orjson

import sql
from processors.engine.postgres import Connection
from processors.gateway.keys import Key
from processors.gateway.refusal import Problem

AUDIT = sql.load("operator")["audit"]


@dataclass(frozen=True, slots=True)
class Changing:
    """One request of somebody: a login, or any server key of the tenant."""

    tenant: str
    by: str
    method: str
    rest: str
    """What follows the path of the door, without slashes around it."""
    query: bytes
    body: bytes

    @classmethod
    def of(cls, key: Key, method: str, rest: str, query: bytes, body: bytes) -> "Changing":
        """The request of a key's holder.

        Raises:
            Problem: 403 for a change by a key that only rehearses.
        """
        rules = key.rules
        if method != "GET" and rules is not None and rules.dry_run:
            raise Problem(403, "forbidden", "a key that only rehearses changes nothing here")
        login = None if rules is None else rules.login
        by = "server key" if login is None else login.email
        return cls(key.tenant, by, method, rest.strip("/"), query, body)

    async def note(self, conn: Connection, action: str, **told: Any) -> None:
        """Write it down in the caller's transaction; `told` has no secrets."""
        detail = orjson.dumps({"by": self.by, **told}).decode()
        await conn.execute(AUDIT, self.tenant, action, detail)


def nothing_here() -> Problem:
    """For a path or a method that no door knows."""
    return Problem(404, "not_found", "there is nothing here; see /openapi.json")
