"""The step of credit: choose, read one snapshot, compute, emit. Nothing is written."""

from collections.abc import Sequence
from typing import Final

from processors.credit import handle
from processors.credit.recent import RecentRevisions
from processors.credit.store import read_cases
from processors.engine.context import Publish
from processors.engine.postgres import Database
from processors.engine.processor import Background, Emit, Item, Result
from schemas.credit import Credits

OUTPUT: Final = "credits.v1"
REMEMBERED: Final = 100_000

_CONVERSIONS_AT_ONCE: Final = 250
_TOUCHES_AT_ONCE: Final = 20_000
"""A person with the greatest number of touches and many orders would otherwise fill the memory:
a touch is 112 integers and more."""


class CreditProcessor:
    """Pointers in, credits out."""

    def __init__(self, *, db: Database, publish: Publish) -> None:
        self._db = db
        self._publish = publish
        self._recent = RecentRevisions(REMEMBERED)

    async def start(self) -> None:
        """Forget what an earlier run had acked: the database may be another one."""
        self._recent.clear()

    async def process(self, batch: Sequence[Item]) -> Result:
        """Answer each conversion that the batch points to, once."""
        chosen = handle.choose(batch, self._recent.is_done)
        keys = list(chosen)
        found: set[handle.Key] = set()
        emits: list[Emit] = []
        held = 0
        for start in range(0, len(keys), _CONVERSIONS_AT_ONCE):
            wanted = keys[start : start + _CONVERSIONS_AT_ONCE]
            async with self._db.transaction(isolation="repeatable_read", readonly=True) as conn:
                cases = await read_cases(conn, wanted)
            for portion in handle.portions(cases, touches=_TOUCHES_AT_ONCE):
                if held > _TOUCHES_AT_ONCE:
                    await self._publish(emits)
                    self._remember(emits)
                    emits, held = [], 0
                answers = handle.answer(portion)
                emits += [Emit(OUTPUT, credits) for credits in answers]
                found.update((credits.tenant_id, credits.conversion_id) for credits in answers)
                held += sum(len(credits.touches) for credits in answers)
        return Result(handle.outcomes(batch, chosen, found), emits)

    async def acknowledged(self, _batch: Sequence[Item], result: Result, /) -> None:
        """Now, and not before, the revisions count as said."""
        self._remember(result.emits)

    def background(self) -> Sequence[Background]:
        """None."""
        return ()

    async def stop(self) -> None:
        """Nothing is held."""

    def _remember(self, emits: Sequence[Emit]) -> None:
        for emit in emits:
            if isinstance(emit.record, Credits):
                key = emit.record.tenant_id, emit.record.conversion_id
                self._recent.remember(key, emit.record.rev)
