"""Postgres: a pool, transactions, and which of its errors pass by themselves.

The only importer of the driver. Every connection has the role as its session default (so a reset
of the session keeps it), a statement cache, and no JIT, which costs more than it gains on the
small statements of a batch.
"""

import asyncio
import contextlib
import ssl
from collections.abc import (
    AsyncIterable,
    AsyncIterator,
    ItemsView,
    Iterable,
    KeysView,
    Sequence,
    ValuesView,
)
from contextlib import asynccontextmanager
from typing import Any, Final, Literal, Protocol, cast

import asyncpg
from asyncpg.connect_utils import SessionAttribute

from processors.engine.settings import Incomplete

CONNECT_SECONDS: Final = 10.0
COMMAND_SECONDS: Final = 120.0
IDLE_IN_TRANSACTION_SECONDS: Final = 30
STATEMENTS_CACHED: Final = 512

_TRANSIENT_CLASSES: Final = ("08",)
_TRANSIENT_STATES: Final = frozenset(
    {
        "40001",  # serialization failure
        "40P01",  # deadlock
        "25P03",  # we slept within a transaction, see `connect`
        "57P05",  # we slept while we held a lock of the session
        "53300",  # too many connections
        "55P03",  # lock not available
        "25006",  # read-only: a demoted primary, or one that was stopped for want of disk
        "53100",  # disk full
        "53200",  # out of memory
        "57P01",  # shutting down
        "57P02",  # another backend crashed
        "57P03",  # starting up
    }
)
_STALE: Final = (asyncpg.InvalidCachedStatementError, asyncpg.OutdatedSchemaCacheError)
"""A table changed under a statement that this connection had prepared; the driver forgets it."""

_CLOSED: Final = ("connection is closed", "connection was closed", "connection is closing")

_REJECTED: Final = "rejected SSL upgrade"
_RELEASED: Final = "released back to the pool"

Isolation = Literal["read_committed", "repeatable_read"]


class Lost(ConnectionError):
    """The server closed the connection between two statements, and the pool has taken it back."""


class Row(Protocol):
    """A row, by column name."""

    def __getitem__(self, key: str, /) -> Any: ...

    def get(self, key: str, default: Any = None, /) -> Any: ...

    def keys(self) -> KeysView[str]: ...

    def values(self) -> ValuesView[Any]: ...

    def items(self) -> ItemsView[str, Any]: ...


class Connection(Protocol):
    """What a step may do inside its transaction."""

    async def execute(self, query: str, *args: Any) -> str: ...

    async def executemany(self, query: str, args: Iterable[Sequence[Any]]) -> None: ...

    async def fetch(self, query: str, *args: Any) -> list[Row]: ...

    async def fetchrow(self, query: str, *args: Any) -> Row | None: ...

    async def fetchval(self, query: str, *args: Any) -> Any: ...

    async def copy_to_table(
        self, table_name: str, *, source: AsyncIterable[bytes], columns: Sequence[str], format: str
    ) -> str: ...


class NotLetIn(Incomplete):
    """The server answers and lets nobody in by this address, or it is none; the text says why, and
    shows no password. No waiting helps, so it stops what starts, as an incomplete environment."""


class Database:
    """A pool of connections under one role."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self._pool = pool

    @classmethod
    async def connect(
        cls,
        dsn: str,
        *,
        role: str | None = None,
        min_size: int = 1,
        max_size: int = 8,
        application_name: str,
    ) -> "Database":
        """Open `min_size` connections now and up to `max_size` when needed, to a primary only: a
        standby may be behind, and what was read there would stand for what is. TLS is what the DSN
        says (`sslmode=verify-full&sslrootcert=FILE`, `sslcert`, `sslkey`), as libpq reads it.

        Raises:
            NotLetIn: when the server answers and does not let us in, its certificate is not to be
                trusted, or the DSN is none.
        """
        server_settings = {
            "application_name": application_name,
            "jit": "off",
            # A generic plan made while a table was small would be kept long after it has grown.
            "plan_cache_mode": "force_custom_plan",
            # A process that stops in the middle (a paused machine) must not hold its locks against
            # the one that has taken its partitions over.
            "idle_in_transaction_session_timeout": f"{IDLE_IN_TRANSACTION_SECONDS}s",
        }
        if role is not None:
            server_settings["role"] = role
        try:
            pool = await asyncpg.create_pool(
                dsn,
                min_size=min_size,
                max_size=max_size,
                timeout=CONNECT_SECONDS,
                command_timeout=COMMAND_SECONDS,
                statement_cache_size=STATEMENTS_CACHED,
                server_settings=server_settings,
                target_session_attrs=SessionAttribute.primary,
                reset=_leave_session,
            )
        except Exception as error:
            if (why := _kept_out(error, dsn, role)) is not None:
                raise NotLetIn(f"DATABASE_URL: {why}") from error
            raise
        return cls(pool)

    @asynccontextmanager
    async def transaction(
        self, *, isolation: Isolation = "read_committed", readonly: bool = False
    ) -> AsyncIterator[Connection]:
        """One transaction: committed at the end, rolled back by an exception."""
        async with self._acquired() as held:
            try:
                async with held.transaction(isolation=isolation, readonly=readonly):
                    yield cast(Connection, held)
            except asyncpg.ReadOnlySQLTransactionError:
                held.terminate()  # where writes are taken again, the session may not notice
                raise

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """A connection on which every statement commits by itself. What it holds of the session,
        such as an advisory lock, ends with it."""
        async with self._acquired() as held:
            try:
                yield cast(Connection, held)
                await held.reset()
            except BaseException:
                with contextlib.suppress(asyncpg.InterfaceError):  # the server was first
                    held.terminate()
                raise

    @asynccontextmanager
    async def _acquired(self) -> AsyncIterator[Any]:
        """One of the pool's, for the block.

        Raises:
            Lost: by a statement of the block, when the server has closed the connection.
        """
        async with self._pool.acquire() as held:
            try:
                yield held
            except asyncpg.InterfaceError as error:
                if _RELEASED in str(error):
                    raise Lost from error
                raise

    async def close(self) -> None:
        """Close every connection; a server that does not answer is left alone."""
        try:
            await asyncio.wait_for(self._pool.close(), CONNECT_SECONDS)
        except (TimeoutError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            self._pool.terminate()


def _kept_out(error: Exception, dsn: str, role: str | None) -> str | None:
    """Why no connection will come of this address, whenever it is tried."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the server's certificate is refused (sslrootcert): {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return f"no TLS with the server (sslmode, sslcert, sslkey): {error.reason}"
    if isinstance(error, FileNotFoundError | PermissionError) and "sslrootcert=" in dsn:
        return f"a file of TLS (sslrootcert, sslcert, sslkey): {error.strerror}"
    if isinstance(
        error, asyncpg.InvalidAuthorizationSpecificationError | asyncpg.InvalidCatalogNameError
    ):
        return str(error)
    if isinstance(error, asyncpg.InsufficientPrivilegeError | asyncpg.InvalidParameterValueError):
        return f"its login may not take the role {role}: attributary migrate, or GRANT it ({error})"
    if isinstance(error, asyncpg.ClientConfigurationError):
        return "no postgresql:// address, or a TLS setting of it is wrong"  # its text may repeat it
    if _REJECTED in str(error):
        return str(error)
    return None


async def _leave_session(_: object) -> None:
    """A transaction leaves nothing behind in its session, so there is no round trip to clean it."""


def stream(conn: Connection, query: str, *args: Any) -> AsyncIterator[Row]:
    """The rows one after the other, within a transaction: however many, they cost no memory."""
    rows: AsyncIterator[Row] = aiter(cast("asyncpg.Connection[Any]", conn).cursor(query, *args))
    return rows


def is_transient(exc: BaseException) -> bool:
    """Whether the same work may succeed later without a change of ours."""
    if isinstance(exc, (*_STALE, asyncpg.TargetServerAttributeNotMatched)):
        return True
    if isinstance(exc, asyncpg.PostgresError):
        state = exc.sqlstate or ""
        return state in _TRANSIENT_STATES or state.startswith(_TRANSIENT_CLASSES)
    if isinstance(exc, asyncpg.InternalClientError):
        # What the driver makes of a server that went away in the middle of an answer.
        return "another operation" in str(exc)
    if isinstance(exc, asyncpg.InterfaceError):
        return any(text in str(exc) for text in _CLOSED)
    return isinstance(exc, OSError | TimeoutError)


def is_taken(exc: BaseException) -> bool:
    """Whether a change of the schema met others at work: a lock that did not come, or a row that
    was written meanwhile."""
    return isinstance(exc, asyncpg.LockNotAvailableError | asyncpg.CheckViolationError)


def is_cancelled(exc: BaseException) -> bool:
    """Whether a statement was given up, as when it took longer than `statement_timeout`."""
    return isinstance(exc, asyncpg.QueryCanceledError)
