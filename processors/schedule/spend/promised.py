"""Reports that an ad account was promised, in Postgres: whoever reads it next waits for them."""

from dataclasses import dataclass
from typing import Final

import sql
from processors.engine.clock import Clock
from processors.engine.postgres import Database

QUERIES: Final = sql.load("spend")
_KEPT_MS: Final = 6 * 3_600_000


@dataclass(frozen=True, slots=True)
class Promised:
    """As `base.Reports` has it, of one ad account."""

    db: Database
    clock: Clock
    tenant: str
    platform: str
    account_id: str

    async def promised(self, question: str) -> str | None:
        """The vendor's id of what was asked for lately."""
        args = (*self._key, question, self.clock() - _KEPT_MS)
        async with self.db.connection() as conn:
            found: str | None = await conn.fetchval(QUERIES["promised"], *args)
        return found

    async def note(self, question: str, report: str) -> None:
        """It was promised now."""
        async with self.db.connection() as conn:
            await conn.execute(QUERIES["note_report"], *self._key, question, report, self.clock())

    async def forget(self, question: str) -> None:
        """It was read, or will never be."""
        args = (*self._key, question, self.clock() - _KEPT_MS)
        async with self.db.connection() as conn:
            await conn.execute(QUERIES["forget_report"], *args)

    @property
    def _key(self) -> tuple[str, str, str]:
        return self.tenant, self.platform, self.account_id
