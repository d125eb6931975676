"""A real broker and database with records of which a group says what it did, for the commands
that compare the two."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from processors.engine.cluster import Cluster
from processors.engine.codec import decode
from processors.engine.deadletter import letters
from processors.engine.flow import GROUPS
from processors.engine.kafka import Producer, Raw
from processors.engine.outcome import Outcome
from processors.engine.postgres import Database
from processors.engine.processor import Item, Message
from processors.engine.progress import Progress
from schemas.spend import Spend

NOON: Final = 1_790_000_000_000
DAY_MS: Final = 86_400_000
TOPIC: Final = "spend.v1"
GROUP: Final = "summary"


def day_of(at: int) -> str:
    """The UTC date."""
    return datetime.fromtimestamp(at // 1000, UTC).date().isoformat()


class Accounts:
    """Puts spend records on the log and books what a group made of them."""

    def __init__(self, producer: Producer, cluster: Cluster, db: Database) -> None:
        self.producer = producer
        self.cluster = cluster
        self.db = db

    async def receive(self, count: int, *, tenant: str = "acme", at: int = NOON) -> None:
        """Records of one tenant and moment, all of one key, hence of one partition."""
        record = Spend(
            tenant_id=tenant, source="upload", account_id="a", date="2026-09-21",
            platform="google", currency="EUR", amount=1, reported_at=at, received_at=at,
        )  # fmt: skip
        value = record.model_dump_json().encode()
        raw = Raw(TOPIC, f"{tenant}|google".encode(), value, at)
        await self.producer.send_raw([raw] * count)

    async def waiting(self, tenant: str = "acme") -> list[Message]:
        """The tenant's records, in order."""
        return [m async for m in self.cluster.read_topic(TOPIC) if m.tenant == tenant]

    async def book(self, messages: Sequence[Message], outcomes: Sequence[Outcome]) -> None:
        """Count as the engine does: in a transaction, then the dead letters."""
        batch: list[Item] = [decode(message) for message in messages]
        async with self.db.transaction() as conn:
            await Progress(GROUP).record(conn, batch, outcomes)
        await self.producer.send_all(letters(batch, outcomes, group=GROUP))

    async def commit_everything(self) -> None:
        """Every group is at the end of its topics, as after a drain."""
        for group in GROUPS:
            await self.cluster.reset(group.name, group.topics, to="end")

    async def commit(self, count: int) -> None:
        """The group has committed so many records of the partition that has the most."""
        ends = await self.cluster.end_offsets([TOPIC])
        place = max(ends, key=lambda place: ends[place])
        await self.cluster.move(GROUP, {place: count})
