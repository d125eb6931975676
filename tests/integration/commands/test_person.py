"""`person` and `tenant unlink`: a person's graph with the record behind every joint, and the
operator's knife: checked, told what it will do, and kept in the audit log."""

import json
import random
from io import StringIO
from typing import Final

import asyncpg
import pytest
from rich.console import Console

from processors.commands import doctor, person_text, tenants
from processors.commands.operator import Refused
from processors.commands.person import Person, as_json, person
from processors.commands.unlinks import Effect
from processors.engine.codec import decode
from processors.engine.postgres import Database
from schemas.command import Command, SetSetting
from schemas.envelope import Frozen, Identifiers
from schemas.order import Order
from schemas.pixel_event import PixelEvent
from tests.integration.commands.accounts import Accounts
from tests.support.pipeline import NOW, Pipeline
from tests.support.servers import KafkaServer

KIOSK: Final = "device:kiosk"


def login(visitor: str, **ids: str) -> tuple[str, Frozen]:
    name = f"login-{visitor}-{'-'.join(ids.values())}"
    record = PixelEvent(
        tenant_id="acme", event_id=name, content_hash=name, source="identify",
        event_name="identify", occurred_at=NOW, received_at=NOW, visitor_id=visitor,
        identifiers=Identifiers(**ids),
    )  # fmt: skip
    return "pixel_events.v1", record


def order(visitor: str) -> tuple[str, Frozen]:
    record = Order(
        tenant_id="acme", source="api", order_id="1", event_id="o-1", content_hash="o-1",
        received_at=NOW, ordered_at=NOW, status="paid", currency="USD", gross=10_000,
        visitor_id=visitor,
    )  # fmt: skip
    return "orders.v1", record


def cap(number: int) -> tuple[str, Frozen]:
    body = SetSetting(key="identity_fan_in_cap", value=str(number))
    record = Command(tenant_id="acme", command_id="cap", issued_at=NOW, received_at=NOW, body=body)
    return "commands.v1", record


class Shop:
    """A tenant on a real broker and database, and the identity processor as it would run."""

    def __init__(self, accounts: Accounts) -> None:
        self.accounts = accounts
        self.db: Database = accounts.db
        self.pipeline = Pipeline(accounts.db)
        self._applied = 0

    async def drained(self, *records: tuple[str, Frozen]) -> None:
        await self.pipeline.feed(list(records))
        await self.pipeline.drain(random.Random(1))

    async def unlink(self, a: str, b: str, *, linked: bool = False, reason: str = "") -> Effect:
        """Through the broker, and then through the pipeline."""
        found = await tenants.unlink("acme", a=a, b=b, linked=linked, reason=reason)
        await self.drained(*await self._commands())
        return found

    async def _commands(self) -> list[tuple[str, Frozen]]:
        topic = "commands.v1"
        told = [decode(m).value async for m in self.accounts.cluster.read_topic(topic)]
        new, self._applied = told[self._applied :], len(told)
        return [(topic, record) for record in new if isinstance(record, Command)]

    async def person(self, text: str) -> Person:
        (found,) = await person(text, db=self.db, tenant="acme")
        return found


@pytest.fixture
async def shop(
    accounts: Accounts,
    kafka_server: KafkaServer,
    database: str,
    topic_prefix: str,
    monkeypatch: pytest.MonkeyPatch,
) -> Shop:
    monkeypatch.setenv("DATABASE_URL", database)
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", kafka_server.bootstrap)
    monkeypatch.setenv("ATTRIBUTARY_ENGINE_TOPIC_PREFIX", topic_prefix)
    async with accounts.db.connection() as conn:
        await conn.execute("INSERT INTO tenants (tenant_id) VALUES ('acme')")
    return Shop(accounts)


def shown(one: Person) -> str:
    console = Console(file=StringIO(), record=True, width=220)
    console.print(person_text.render([one]))
    return console.export_text()


async def test_a_person_is_a_tree_of_ids_each_with_the_record_that_joined_it(shop: Shop) -> None:
    await shop.drained(
        login("phone", customer_id="c-1"), login("laptop", customer_id="c-1"), order("laptop")
    )
    found = await shop.person("phone")
    assert found.person_id == "customer:c-1"
    assert (found.counts["ids"], found.counts["visitors"], found.counts["conversions"]) == (3, 2, 1)
    assert [line.strip() for line in shown(found).splitlines()] == [
        "Person customer:c-1 of acme: 2 visitors, 1 customers; 0 touches, 1 orders",
        "visitor:phone",
        "└── customer:c-1  pixel_events.v1 login-phone-c-1",
        "└── visitor:laptop  pixel_events.v1 login-laptop-c-1",
    ]
    (plain,) = json.loads(json.dumps(as_json([found])))
    assert {(joint["a"], joint["b"]) for joint in plain["joined"]} == {
        ("customer:c-1", "visitor:laptop"), ("customer:c-1", "visitor:phone"),
    }  # fmt: skip


async def test_an_id_that_joins_nobody_says_so_and_an_unknown_one_is_nobody(shop: Shop) -> None:
    await shop.drained(order("alone"))
    assert "it joins nobody" in shown(await shop.person("visitor:alone"))
    assert await person("nobody", db=shop.db, tenant="acme") == ()
    assert await person("visitor:alone", db=shop.db, tenant="other") == ()


async def test_a_shared_id_tells_how_many_it_would_have_joined(shop: Shop) -> None:
    await shop.drained(cap(3), *(login(f"v-{n}", device_id="kiosk") for n in range(5)))
    found = await shop.person("kiosk")
    assert found.quarantine == {
        "neighbours": 5, "cap": 3, "would_join": 5, "people": 5, "touches": 0,
    }  # fmt: skip
    assert "shared by too many: seen with 5 ids, and the cap is 3" in shown(found)
    beside = await shop.person("v-2")
    assert beside.counts["quarantined_ids"] == 1
    assert "≠ device:kiosk  device:kiosk is shared by too many" in shown(beside)


async def test_doctor_counts_the_shared_ids_of_each_tenant(shop: Shop) -> None:
    await shop.drained(cap(1), *(login(f"v-{n}", device_id="kiosk") for n in range(3)))
    told = [finding.text for finding in await doctor.examine([])]
    assert "ids shared by too many to join anybody: acme 1" in told


async def test_an_unlink_is_told_kept_in_the_audit_log_and_shown_with_its_reason(
    shop: Shop, database: str
) -> None:
    await shop.drained(
        login("phone", customer_id="c-1"), login("laptop", customer_id="c-1"), order("laptop")
    )
    effect = await shop.unlink("visitor:phone", "customer:c-1", reason="a borrowed phone")
    assert effect.told() == "1 person and 1 order will be looked at again"
    apart = await shop.person("visitor:laptop")
    assert "visitor:phone" not in apart.ids
    assert "≠ visitor:phone  unlinked by an operator" in shown(apart)
    assert ": a borrowed phone" in shown(apart)
    conn = await asyncpg.connect(database)
    try:
        row = await conn.fetchrow("SELECT action, detail FROM audit_log ORDER BY id DESC LIMIT 1")
    finally:
        await conn.close()
    assert row is not None
    assert (row["action"], json.loads(row["detail"])["reason"]) == ("unlink", "a borrowed phone")

    effect = await shop.unlink("customer:c-1", "visitor:phone", linked=True)
    assert effect.told() == "2 people and 1 order will be looked at again"
    assert "visitor:phone" in (await shop.person("visitor:laptop")).ids


async def test_an_unlink_inside_a_cycle_tells_what_still_joins_the_two(shop: Shop) -> None:
    await shop.drained(login("phone", customer_id="c-1", device_id="d"))
    effect = await shop.unlink("customer:c-1", "visitor:phone")
    assert effect.told().endswith(
        "they stay one person, since customer:c-1 = device:d = visitor:phone"
    )
    assert len((await shop.person("visitor:phone")).ids) == 3


async def test_an_edge_that_nothing_has_shown_is_taken_and_holds_when_it_comes(shop: Shop) -> None:
    effect = await shop.unlink("visitor:phone", "customer:c-1")
    assert effect.told().endswith("it holds from when one does")
    await shop.drained(login("phone", customer_id="c-1"))
    assert (await shop.person("visitor:phone")).ids == ("visitor:phone",)


async def test_an_unlink_of_what_is_no_id_is_refused(shop: Shop) -> None:
    with pytest.raises(Refused, match="'phone' is no id"):
        await tenants.unlink("acme", a="phone", b="customer:c-1", linked=False, reason="")
    with pytest.raises(Refused, match="apart from itself"):
        await tenants.unlink("acme", a="visitor:p", b="visitor:p", linked=False, reason="")
    with pytest.raises(Refused, match="there is no tenant other"):
        await tenants.unlink("other", a="visitor:p", b="visitor:q", linked=False, reason="")
