"""Migrations that run outside a transaction, since they would hold a lock for as long as a large
table is read: a file whose first line is `-- no transaction`.

Its statements run one by one, so it may end in the middle, and the next run goes on: what it says
must be sayable twice. An index is built `CONCURRENTLY`; one that an earlier run has left invalid is
dropped first, and one that stands is left.
"""

import re
from typing import Any, Final, Protocol

MARKER: Final = "-- no transaction\n"
RESUMABLE: Final = re.compile(
    r"CREATE (UNIQUE )?INDEX CONCURRENTLY (?!IF)|DROP INDEX CONCURRENTLY IF EXISTS "
    r"|ALTER TABLE \w+ VALIDATE CONSTRAINT |COMMENT ON |ANALYZE "
)
"""How a statement of such a file begins."""

_INDEX: Final = re.compile(r"CREATE (?:UNIQUE )?INDEX CONCURRENTLY (\w+) ")
_IS_VALID: Final = "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass($1)"


class Connection(Protocol):
    """The part of a connection that is needed."""

    async def execute(self, query: str, *args: Any) -> Any: ...

    async def fetchval(self, query: str, *args: Any) -> Any: ...


def is_marked(text: str) -> bool:
    """Whether a migration runs outside a transaction."""
    return text.startswith(MARKER)


def statements(text: str) -> list[str]:
    """Of a marked migration: each ends with a semicolon at the end of a line.

    Raises:
        ValueError: for a statement that cannot be said twice.
    """
    lines = [line for line in text.splitlines() if not line.startswith("--")]
    found = [own.strip() for own in re.split(r";\s*(?:\n|$)", "\n".join(lines)) if own.strip()]
    for own in found:
        if not RESUMABLE.match(own):
            raise ValueError(f"outside a transaction this cannot be said twice: {own[:60]}")
    return found


async def apply(connection: Connection, text: str) -> None:
    """Run the statements that have not had their effect yet. Building an index waits for every
    transaction that began before, so it waits as long as those take; nobody waits for it."""
    await connection.execute("SET lock_timeout = 0")
    try:
        for own in statements(text):
            if index := _INDEX.match(own):
                valid = await connection.fetchval(_IS_VALID, index[1])
                if valid:
                    continue
                if valid is False:
                    await connection.execute(f"DROP INDEX CONCURRENTLY {index[1]}")
            await connection.execute(own)
    finally:
        await connection.execute("RESET lock_timeout")
