"""The match rate of offline uploads, as a series of the replica that leads."""

import pytest

from processors.commands import jobs
from processors.engine.clock import wall_clock
from tests.integration.gateway.running import client_of
from tests.integration.schedule.world import TENANT, World, until

NAME = "analytics/offline-match-rate"
UPLOAD = "/api/v1/audit/offline-conversions/upload"
SERIES = f'attributary_offline_match_ratio{{tenant="{TENANT}"}} '
OFTEN = {
    "ATTRIBUTARY_SCHEDULE_MATCH_SECONDS": "1",
    "ATTRIBUTARY_SCHEDULE_TICK_SECONDS": "0.1",
    "ATTRIBUTARY_SCHEDULE_STANDBY_SECONDS": "0.2",
}


async def test_the_leader_tells_which_share_of_uploaded_rows_belongs_to_somebody_with_a_touch(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.processor("identity")
    leader = world.processor("schedule", 0, **OFTEN)
    now = wall_clock()
    rows = [f"o-{n},{now - 60_000},5.00,USD,buyer{n}@example.com" for n in range(4)]
    body = "\n".join(["order_id,occurred_at,value,currency,email", *rows])
    touch = {
        "visitor_id": "v", "occurred_at": now - 120_000, "utm_source": "google",
        "identifiers": {"email": "buyer0@example.com"},
    }  # fmt: skip

    async def told() -> str:
        lines = (await leader.metrics()).splitlines()
        return next((line for line in lines if line.startswith(SERIES)), "")

    async def leads() -> bool:
        return bool((await leader.state()).get("leader"))

    await until(leads)
    assert await told() == "", "without an upload there is no rate"
    async with client_of(world.gateway) as client:
        answer = await client.post(
            f"{UPLOAD}?batch_name=till", content=body, headers={"content-type": "text/csv"}
        )
        assert (answer.status_code, answer.json()["accepted"]) == (200, 4), answer.text

        async def nobody_matches() -> bool:
            return await told() == f"{SERIES}0.0"

        async def one_in_four_matches() -> bool:
            return await told() == f"{SERIES}0.25"

        await until(nobody_matches)
        assert (await client.post("/v1/touchpoints", json=touch)).status_code == 200
        await until(one_in_four_matches)

    with world.operator(monkeypatch):
        run = await jobs.run_now(NAME, tenant=TENANT)
    assert run["detail"] == {"tenants": [{"tenant_id": TENANT, "taken": 4, "matched": 1}]}
