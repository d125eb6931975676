"""The health job asks simulated vendors, as the schedule's own role."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.simulators.authority import API, EXCHANGE
from processors.engine.clock import wall_clock
from processors.engine.metrics import Metrics
from processors.engine.postgres import Database
from processors.engine.vault import Vault, new_key
from processors.platforms.reading import ReadingSettings
from processors.schedule.connections import check
from processors.schedule.settings import ScheduleSettings
from processors.schedule.tools import Tools
from tests.integration.fanout.field import Simulator

APP = {"client_id": "app", "client_secret": "secret-of-app"}


@pytest.fixture
async def simulators(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[dict[str, Simulator]]:
    """Vendors that the job asks."""
    made = {platform: Simulator(platform, tmp_path) for platform in ("meta", "pinterest")}
    for platform, simulator in made.items():
        await simulator.start()
        name = f"ATTRIBUTARY_{platform.upper()}"
        monkeypatch.setenv(f"{name}_API_URL", simulator.url + API)
        monkeypatch.setenv(f"{name}_TOKEN_URL", simulator.url + EXCHANGE)
    yield made
    for simulator in made.values():
        simulator.kill()


async def sign_in(simulator: Simulator, **asked: str) -> dict[str, str]:
    """What an app gets there for a code."""
    wanted = {
        "response_type": "code", "client_id": "app", "redirect_uri": "https://x.example",
        "state": "s", **asked,
    }  # fmt: skip
    async with httpx.AsyncClient(base_url=simulator.url) as browser:
        page = await browser.get("/_oauth/authorize", params=wanted)
        code = httpx.URL(page.headers["location"]).params["code"]
        form = {"grant_type": "authorization_code", "code": code, **APP}
        form["redirect_uri"] = "https://x.example"
        auth = httpx.BasicAuth(APP["client_id"], APP["client_secret"])
        sold = await browser.post(EXCHANGE, data=form, auth=auth)
    told: dict[str, str] = sold.json()
    return told


async def test_states_follow_what_vendors_and_deliveries_say(
    database: str, simulators: dict[str, Simulator]
) -> None:
    vault, metrics = Vault(new_key()), Metrics()
    meta = (await sign_in(simulators["meta"], scope="ads_management"))["access_token"]
    refresh = (await sign_in(simulators["pinterest"], scope="ads:write"))["refresh_token"]
    owner = await Database.connect(database, application_name="test", max_size=1)
    db = await Database.connect(
        database, role="attributary_scheduler", application_name="test", max_size=4
    )
    connections: tuple[tuple[str, str, dict[str, str], bool], ...] = (
        ("meta", "9001", {"access_token": meta}, True),
        ("pinterest", "549755885175", {"refresh_token": refresh, **APP}, True),
        ("ga4", "G-1", {"api_secret": "s"}, True),
        ("tiktok", "", {}, False),
        ("klaviyo", "K", {}, False),
        ("linkedin", "1", {"access_token": "t"}, False),
        ("sgtm", "https://gtm.example", {}, False),
    )
    async with owner.connection() as conn:
        await conn.execute("INSERT INTO tenants (tenant_id) VALUES ('demo')")
        for platform, account, credentials, enabled in connections:
            sealed = vault.encrypt(json.dumps(credentials))
            row = "INSERT INTO platform_connections VALUES ('demo', $1, $2, $3, $4)"
            await conn.execute(row, platform, account, sealed, enabled)
        await conn.execute(
            "INSERT INTO capi_delivery_log VALUES ('demo', 'ga4', 'e', 'event', 'Lead', NULL, 1,"
            " 'sent', 204, NULL, 'd', NULL, 12, now())"
        )
    unused: Any = None
    tools = Tools(
        db=db, producer=unused, cluster=unused, vault=vault, settings=ScheduleSettings.load(),
        reading=ReadingSettings.load(), clock=wall_clock, metrics=metrics,
    )  # fmt: skip

    async def states() -> dict[str, str]:
        await check(tools, None)
        async with owner.connection() as conn:
            rows = await conn.fetch("SELECT platform, state FROM connection_health")
        return {row["platform"]: row["state"] for row in rows}

    try:
        first = await states()
        assert first == {
            "meta": "healthy", "pinterest": "healthy", "ga4": "healthy", "tiktok": "degraded",
            "klaviyo": "revoked", "linkedin": "unknown", "sgtm": "unknown",
        }  # fmt: skip
        gauge = 'attributary_connection_state{platform="meta",state="healthy",tenant="demo"} 1.0'
        assert gauge in metrics.render().decode()

        await simulators["meta"].post("/_sim/authority", {"revoked": True})
        await simulators["pinterest"].post("/_sim/authority", {"status": 503})
        second = await states()
        assert (second["meta"], second["pinterest"]) == ("needs_reauth", "degraded")
        assert gauge not in metrics.render().decode()
        async with owner.connection() as conn:
            count = "SELECT count(*) FROM platform_connections WHERE enabled"
            assert await conn.fetchval(count) == 3, "nothing is paused"
            old = "SELECT since = checked_at FROM connection_health WHERE platform = $1"
            assert await conn.fetchval(old, "meta")
            assert not await conn.fetchval(old, "ga4")
    finally:
        await db.close()
        await owner.close()
