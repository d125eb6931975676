"""`explain`, `person` and `tenant unlink` as an operator runs them: exit codes, one line for what
is wrong, JSON that a program can read."""

import asyncio
import json
import os
import random
import subprocess
import sys

import pytest

from processors.engine.postgres import Database
from schemas.order import Order
from tests.support.pipeline import NOW, Pipeline


@pytest.fixture
async def shop(database: str) -> str:
    """A database with one order of one visitor."""
    db = await Database.connect(database, application_name="test", max_size=4)
    record = Order(
        tenant_id="acme", source="api", order_id="1001", event_id="o", content_hash="o",
        received_at=NOW, ordered_at=NOW, status="paid", currency="USD", gross=10_000,
        visitor_id="laptop",
    )  # fmt: skip
    try:
        async with db.connection() as conn:
            await conn.execute("INSERT INTO tenants VALUES ('acme')")
        pipeline = Pipeline(db)
        await pipeline.feed([("orders.v1", record)])
        await pipeline.drain(random.Random(1))
    finally:
        await db.close()
    return database


async def run(dsn: str, *arguments: str) -> tuple[int, str, str]:
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "processors", *arguments],
        env={**os.environ, "DATABASE_URL": dsn},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


async def test_an_order_is_explained_in_words_and_in_json(shop: str) -> None:
    code, text, _ = await run(shop, "explain", "1001", "--all-windows")
    assert code == 0
    assert "unattributed: nobody has seen a touch of this person" in text
    code, text, _ = await run(shop, "explain", "1001", "--json", "--model", "time_decay")
    (found,) = json.loads(text)
    assert (code, found["order"]["state"], found["model"]) == (0, "unattributed", "time_decay")
    assert found["snapshots"][0]["changes"]["gross"] == [None, "100.00"]


async def test_a_person_is_shown_and_an_unknown_id_is_exit_code_1(shop: str) -> None:
    code, text, _ = await run(shop, "person", "visitor:laptop", "--tenant", "acme", "--json")
    assert (code, [one["ids"] for one in json.loads(text)]) == (0, [["visitor:laptop"]])
    assert await run(shop, "person", "nobody", "--tenant", "acme") == (
        1, "", "acme has no id nobody\n",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("explain", "1001", "--model", "best"), "best is no model; there are first_touch"),
        (("explain", "none"), "there is no order none"),
        (("person", "email:x", "--tenant", "acme"), "email: give an address"),
        (("tenant", "unlink", "acme", "laptop", "customer:c"), "'laptop' is no id"),
    ],
)
async def test_what_cannot_be_done_is_one_line_and_exit_code_2(
    shop: str, arguments: tuple[str, ...], says: str
) -> None:
    code, text, error = await run(shop, *arguments)
    assert (code, text) == (2, "")
    assert error.startswith(says)
    assert error.count("\n") == 1
