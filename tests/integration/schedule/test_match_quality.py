"""Meta's own match quality stands beside the connection, as late as Meta was asked."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from processors.engine.clock import wall_clock
from processors.engine.postgres import Database
from processors.engine.vault import Vault, new_key
from processors.platforms.base import Account
from processors.platforms.connecting import store
from processors.platforms.connecting.store import Stored
from processors.platforms.meta.client import Meta
from processors.platforms.reading import ReadingSettings
from processors.schedule.match_quality import refresh
from processors.schedule.settings import ScheduleSettings
from processors.schedule.tools import Failed, Tools
from tests.integration.fanout.field import Simulator, event

TOKEN = "synthetic-meta-token"
BROWSER = {"user_agent": "Mozilla/5.0", "url": "https://shop.example.com/", "ip": "203.0.113.7"}
VIEW = "SELECT * FROM meta_ad_connections ORDER BY tenant_id"


@pytest.fixture
async def meta(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Simulator]:
    simulator = Simulator("meta", tmp_path)
    await simulator.start()
    monkeypatch.setenv("ATTRIBUTARY_META_BASE_URL", simulator.url)
    monkeypatch.setenv("ATTRIBUTARY_READING_FIRST_PAUSE_SECONDS", "0.05")
    yield simulator
    simulator.kill()


async def send(pixel: str, **fields: Any) -> None:
    """One event, which the simulator takes."""
    connector = Meta.load(wall_clock)
    account = Account("demo", pixel, {"access_token": TOKEN})
    try:
        answer = await connector.send(account, [event(browser=BROWSER, **fields)])
    finally:
        await connector.close()
    assert [result.verdict for result in answer.results] == ["sent"], answer


async def test_scores_are_read_for_each_pixel_and_one_that_is_refused_harms_no_other(
    database: str, meta: Simulator
) -> None:
    vault = Vault(new_key())
    unused: Any = None
    owner = await Database.connect(database, application_name="test", max_size=1)
    db = await Database.connect(
        database, role="attributary_scheduler", application_name="test", max_size=2
    )
    tools = Tools(
        db=db, producer=unused, cluster=unused, vault=vault,
        settings=ScheduleSettings.load(), reading=ReadingSettings.load(), clock=wall_clock,
    )  # fmt: skip
    pixels = {
        "demo": Stored("9001", True, {"access_token": TOKEN, "ad_account_id": "11"}),
        "fresh": Stored("9002", True, {"access_token": TOKEN}),
        "off": Stored("9003", False, {"access_token": TOKEN}),
        "refused": Stored("9004", True, {"access_token": TOKEN}),
        "silent": Stored("9005", True, {}),
    }
    try:
        async with owner.transaction() as conn:
            for tenant, told in pixels.items():
                await conn.execute("INSERT INTO tenants (tenant_id) VALUES ($1)", tenant)
                await store.give(conn, vault, tenant, "meta", told)
        await meta.post("/_sim/accounts", {"9004": "another token"})
        hashed = {"hashed": {"em": "a" * 64}}
        await send("9001", event_id="one", user_data=hashed)
        await send("9001", event_id="two")

        with pytest.raises(Failed) as failed:
            await refresh(tools, None)

        assert failed.value.detail["scores"] == {"demo": "4.20", "fresh": None}
        assert failed.value.detail["failed"].keys() == {"refused", "silent"}
        assert TOKEN not in str(failed.value.detail)
        async with owner.connection() as conn:
            demo, fresh, off, refused, silent = await conn.fetch(VIEW)
        assert (demo["pixel_id"], demo["ad_account_id"]) == ("9001", "11")
        scores = json.loads(demo["emq_parameter_scores"])
        assert scores["Purchase"]["coverage"]["email"] == 50
        assert (fresh["emq_score"], fresh["emq_parameter_scores"]) == (None, "{}")
        checked = [row["last_emq_check_at"] for row in (demo, fresh, off, refused, silent)]
        assert [at is None for at in checked] == [False, False, True, True, True]
    finally:
        await db.close()
        await owner.close()
