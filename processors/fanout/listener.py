"""Asks a platform what became of requests that it took.

A receipt is taken by moving its next question on, so that any replica may ask and one that dies
only delays it. The answers of a round are written in one transaction: what deliveries become, and
how it goes on with their receipts.
"""

import asyncio
import logging
from collections.abc import Sequence
from time import monotonic
from typing import Final

from processors.engine.context import Context
from processors.fanout import late, receipts
from processors.fanout.accounts import Accounts
from processors.fanout.patience import patiently
from processors.fanout.receipts import Noted, Receipt
from processors.fanout.settings import FanoutSettings
from processors.platforms.base import Account, Connector, Heard, Judging

log = logging.getLogger(__name__)

FORGET_SECONDS: Final = 60.0
UNCONNECTED: Final = Heard("pending", "the tenant has no connection that is switched on")


class Listener:
    """The loop of one platform in one replica."""

    def __init__(
        self,
        connector: Connector,
        judging: Judging,
        *,
        context: Context,
        accounts: Accounts,
        settings: FanoutSettings,
    ) -> None:
        self._connector = connector
        self._judging = judging
        self._platform = connector.platform
        self._context = context
        self._accounts = accounts
        self._settings = settings
        self._forget_at = 0.0

    async def run(self) -> None:
        """Ask until cancelled."""
        while True:
            if await patiently(self._round) < self._settings.receipts_at_once:
                await asyncio.sleep(self._settings.receipts_poll_seconds)

    async def _round(self) -> int:
        """Ask for what is due; returns for how many receipts that was."""
        await self._forget()
        now_ms = self._context.clock()
        async with self._context.db.transaction() as conn:
            taken = await receipts.take(
                conn,
                self._platform,
                most=self._settings.receipts_at_once,
                now_ms=now_ms,
                until_ms=now_ms + round(self._settings.lease_seconds * 1000),
            )
        if not taken:
            return 0
        accounts = await self._accounts.current()
        heard = await asyncio.gather(
            *(self._ask(accounts.get(receipt.tenant_id), receipt) for receipt in taken)
        )
        await patiently(lambda: self._record(taken, heard))
        return len(taken)

    async def _ask(self, account: Account | None, receipt: Receipt) -> Heard:
        if account is None:
            return UNCONNECTED
        return await self._judging.verdict_later(account, receipt.id, len(receipt.carried))

    async def _record(self, taken: Sequence[Receipt], heard: Sequence[Heard]) -> None:
        now_ms = self._context.clock()
        told = list(zip(taken, heard, strict=True))
        wrong = [(receipt, one) for receipt, one in told if one.verdict not in ("pending", "sent")]
        async with self._context.db.transaction() as conn:
            found = await receipts.carried(conn, self._platform, [receipt for receipt, _ in wrong])
            changed = [
                each
                for (receipt, one), rows in zip(wrong, found, strict=True)
                for each in late.overturned(
                    rows,
                    one,
                    receipt=receipt.id,
                    now_ms=now_ms,
                    settings=self._settings,
                    window=self._connector.dedupe_window_ms,
                )
            ]
            await receipts.overturn(conn, self._platform, changed, now_ms=now_ms)
            noted = [self._noted(receipt, one, now_ms=now_ms) for receipt, one in told]
            await receipts.note(conn, self._platform, noted, now_ms=now_ms)
        for each in changed:
            self._context.metrics.count(
                "attributary_deliveries_total", platform=self._platform, verdict=each.verdict
            )
        self._tell(noted)

    def _noted(self, receipt: Receipt, heard: Heard, *, now_ms: int) -> Noted:
        if heard.verdict != "pending":
            return Noted(receipt, heard, None)
        again = late.next_ms(
            receipt.asked, sent_ms=receipt.sent_ms, now_ms=now_ms, settings=self._settings
        )
        if again is None:
            return Noted(receipt, heard, None)
        return Noted(receipt, heard, max(again, now_ms + round(heard.pause_seconds * 1000)))

    def _tell(self, noted: Sequence[Noted]) -> None:
        for one in noted:
            if one.next_ms is None and one.heard.verdict != "sent":
                log.warning(
                    "a request was judged later",
                    extra={
                        "platform": self._platform,
                        "tenant_id": one.receipt.tenant_id,
                        "events": len(one.receipt.carried),
                        "verdict": one.heard.verdict,
                        "error": one.heard.error,
                    },
                )

    async def _forget(self) -> None:
        now = monotonic()
        if now < self._forget_at:
            return
        self._forget_at = now + FORGET_SECONDS
        before_ms = self._context.clock() - round(self._settings.receipt_kept_seconds * 1000)
        async with self._context.db.transaction() as conn:
            await receipts.forget(conn, self._platform, before_ms=before_ms)
