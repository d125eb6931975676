"""Fairing's answers, polled page by page, become facts beside the orders that they are about."""

from typing import Any

import pytest

from processors.commands import jobs, tenants
from processors.commands.operator import produce
from processors.engine.clock import wall_clock
from processors.engine.processor import Emit
from schemas.command import Command, SetSetting
from tests.integration.schedule.world import TENANT, World, asked, tell

TOKEN = "synthetic-fairing-token"
NAME = "analytics/attribution-fairing-bridge"
ANSWERS = ("Instagram", "Podcast", "a friend", None, "Google")


def response(number: int, **changes: Any) -> dict[str, Any]:
    at = f"2026-09-01T12:00:{number:02}Z"
    said = ANSWERS[number % len(ANSWERS)]
    return {
        "id": f"r{number}", "question": "How did you hear about us?", "response": said,
        "other_response": None if said else "my aunt's newsletter", "order_id": str(1000 + number),
        "order_platform": "shopify", "inserted_at": at, "response_provided_at": at,
        "updated_at": at, "email": "sarah@example.com", **changes,
    }  # fmt: skip


async def switch(on: bool) -> None:
    now = wall_clock()
    value = str(on).lower()
    body = SetSetting(key="fairing_bridge_enabled", value=value)
    record = Command(
        tenant_id=TENANT, command_id=f"k{now}", issued_at=now, received_at=now, body=body
    )
    await produce([Emit("commands.v1", record, now)])


async def test_answers_arrive_once_edits_too_and_only_when_it_is_switched_on(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    vendor = world.simulator("fairing")
    await tell(vendor, "rows", {"token": TOKEN, "responses": [response(n) for n in range(5)]})
    await tell(vendor, "script", {"steps": [{"status": 429, "headers": {"Retry-After": "0"}}]})
    world.processor("identity")
    with world.operator(
        monkeypatch,
        ATTRIBUTARY_FAIRING_PAGE_SIZE="2",
        ATTRIBUTARY_SCHEDULE_FAIRING_DAYS="9999",
        ATTRIBUTARY_SCHEDULE_FAIRING_REREAD_DAYS="9999",
    ):
        await tenants.set_values(TENANT, {"fairing_api_token": TOKEN})
        off = await jobs.run_now(NAME, tenant=None)
        assert (off["outcome"], off["detail"]["posted"]) == ("ok", {})
        assert await asked(vendor) == []

        await switch(True)
        switched = "SELECT count(*) FROM tenant_settings WHERE key = 'fairing_bridge_enabled'"
        await world.wait_for(switched, 1)
        first = await jobs.run_now(NAME, tenant=None)
        assert (first["outcome"], first["detail"]["posted"]) == ("ok", {TENANT: 5})
        await world.wait_for("SELECT count(*) FROM survey_responses", 5)

        again = await jobs.run_now(NAME, tenant=None)
        assert again["detail"]["posted"] == {TENANT: 0}

        await tell(vendor, "rows", {"token": TOKEN, "responses": [response(n) for n in (5, 6, 7)]})
        edited = response(1, response="TikTok", updated_at="2026-09-05T12:00:00Z")
        await tell(vendor, "rows", {"token": TOKEN, "responses": [edited]})
        newer = await jobs.run_now(NAME, tenant=None)
        assert newer["detail"]["posted"] == {TENANT: 3}
        await world.wait_for("SELECT count(*) FROM survey_responses", 8)

        await world.rows("UPDATE survey_cursors SET reread_at = reread_at - interval '2 days'")
        await jobs.run_now(NAME, tenant=None)
        meant = "SELECT channel || '/' || platform FROM attribution_survey_answers"
        await world.wait_for(f"{meant} WHERE response_id = 'r1'", "paid_social/tiktok")
    assert (await world.rows(f"{meant} WHERE response_id = 'r3'"))[0][0] == "email/other"
    # Nothing of the buyer came with it, and no platform is told.
    said = "SELECT string_agg(raw_data::text, '') FROM pixel_events WHERE source = 'survey'"
    assert "sarah" not in (await world.rows(said))[0][0]


async def test_a_refused_token_is_a_failed_run(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    vendor = world.simulator("fairing")
    await tell(vendor, "rows", {"token": TOKEN})
    await world.connect_fairing(f"Bearer {TOKEN}")
    with world.operator(monkeypatch):
        ended = await jobs.run_now(NAME, tenant=TENANT)
    assert ended["outcome"] == "failed"
    assert "401" in ended["detail"]["failed"][TENANT]
    assert TOKEN not in str(ended)
