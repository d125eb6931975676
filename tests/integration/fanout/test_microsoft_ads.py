"""Microsoft Advertising behind the queue: who fails, tokens, a rate, doubt, adjustments."""

from typing import Any

import pytest

from deploy.simulators.authority import EXCHANGE
from processors.domain.ids import purchase_event_id
from processors.platforms.microsoft_ads.settings import goals
from schemas.delivery import Delivery
from tests.integration.fanout.field import Field, Simulator, event, names, until

GOALS = goals("Purchase=Sale,Lead=Lead")


async def connected(field: Field, **said: str) -> Simulator:
    microsoft = await field.add("microsoft_ads")
    await connect(field, **said)
    return microsoft


async def connect(field: Field, token: str = "token-1", **said: str) -> None:
    account = {"customer_id": "25", "goals": GOALS, "enhanced_conversions": "off"}
    await field.connect("acme", "microsoft_ads", token=token, **account | said)
    await field.execute(
        "UPDATE platform_connections SET account_id = '18' WHERE platform = 'microsoft_ads'"
    )


def worker(field: Field, microsoft: Simulator) -> None:
    field.worker(ATTRIBUTARY_MICROSOFT_ADS_TOKEN_URL=microsoft.url + EXCHANGE)


def clicked(event_id: str, **rest: Any) -> Delivery:
    click = {"msclkid": f"{event_id}-dd4afcccb1c9a4cad9544dd7e5006"}
    return event(event_id, platform="microsoft_ads", **{"marketing": click, **rest})


async def counted(microsoft: Simulator) -> dict[str, int]:
    """By the event whose click it is."""
    return {key.split("-")[0]: times for key, times in (await microsoft.accepted()).items()}


async def test_those_that_fail_are_rejected_and_the_others_count_once(field: Field) -> None:
    microsoft = await connected(field)
    events = names(20)
    await microsoft.script(refuse_ids=[clicked(events[3]).marketing.msclkid])
    hashes = {"hashed": {"em": "a" * 64}}
    apart = [
        event("nobody", platform="microsoft_ads"),
        event("hash", platform="microsoft_ads", user_data=hashes),
        clicked("goalless", name="PageView"),
    ]
    await field.put([*apart, *(clicked(e) for e in events)])
    worker(field, microsoft)
    states = await field.settled([*events, *(one.event_id for one in apart)])
    assert [e for e in events if states[e] != "sent"] == [events[3]]
    assert await counted(microsoft) == {e: 1 for e in events if e != events[3]}
    rows = await field.fetch("SELECT event_id, error FROM delivery_dlq")
    assert {row["event_id"]: row["error"] for row in rows} == {
        events[3]: "partial error ClickIdDateTimeOutsideGoalConversionWindow",
        "nobody": "nothing to match anybody by",
        "hash": "no click id, and enhanced conversions are not on",
    }
    assert states["goalless"] == "filtered"


@pytest.mark.heavy
async def test_an_order_is_told_then_worth_less_and_then_taken_back(field: Field) -> None:
    microsoft = await connected(field, enhanced_conversions="on")
    name = purchase_event_id(tenant="acme", source="api", order_id="1001", platform="microsoft_ads")
    hashes = {"hashed": {"em_microsoft": "b" * 64, "em": "a" * 64, "ph_plus": "c" * 64}}
    bought = clicked(name, order_id="1001", user_data=hashes)
    await field.put([bought])
    worker(field, microsoft)
    assert await field.settled([name]) == {name: "sent"}
    for n, kind in enumerate(("adjust", "cancel"), start=1):
        told = {"event_id": kind, "kind": kind, "value": 999, "converted_at": bought.occurred_at}
        later = {"occurred_at": bought.occurred_at + 1000 * n}
        await field.put([bought.model_copy(update=told | later)])
        assert (await field.settled([kind]))[kind] == "sent"
    (row,) = await microsoft.get("/_sim/accepted")
    assert row["payload"]["HashedEmailAddress"] == "b" * 64
    restated, retracted = (await microsoft.stats())["adjustments"]
    assert (restated["AdjustmentType"], restated["AdjustmentValue"]) == ("Restate", 9.99)
    assert (retracted["AdjustmentType"], "AdjustmentValue" in retracted) == ("Retract", False)
    assert (restated["met"], retracted["met"]) == (True, True)


@pytest.mark.heavy
async def test_a_token_that_ended_is_bought_anew(field: Field) -> None:
    microsoft = await connected(field)
    await microsoft.post("/_sim/rows", {"token_seconds": 0})
    await field.put([clicked("e")])
    worker(field, microsoft)

    async def refused() -> bool:
        return "refused" in await microsoft.stats()

    await until("a token that had ended is refused", refused)
    await microsoft.post("/_sim/rows", {"token_seconds": 3600})
    assert await field.settled(["e"]) == {"e": "sent"}
    assert await counted(microsoft) == {"e": 1}
    assert "token-1" not in field.logs()


@pytest.mark.heavy
async def test_a_refresh_token_that_was_revoked_waits_for_another(field: Field) -> None:
    microsoft = await connected(field)
    await microsoft.post("/_sim/rows", {"revoked": ["token-1"]})
    await field.put([clicked("e")])
    worker(field, microsoft)
    await field.in_state("parked")
    assert await counted(microsoft) == {}
    await connect(field, "token-2")
    assert await field.settled(["e"]) == {"e": "sent"}
    rows = await field.fetch("SELECT DISTINCT error FROM capi_delivery_log")
    assert "token: invalid_grant" in {row["error"] for row in rows}


@pytest.mark.heavy
async def test_what_may_have_arrived_is_sent_again_and_counts_once(field: Field) -> None:
    microsoft = await connected(field)
    await microsoft.script({"account": "18", "drop": "after"})
    await field.put([clicked("e")])
    worker(field, microsoft)
    assert await field.settled(["e"]) == {"e": "sent"}
    (row,) = await microsoft.get("/_sim/accepted")
    assert (row["times_accepted"], row["duplicates"]) == (1, 1)


@pytest.mark.heavy
async def test_a_goal_that_is_too_young_is_only_a_wait(field: Field) -> None:
    microsoft = await connected(field)
    await microsoft.post("/_sim/rows", {"goals": {"Sale": "recent"}})
    await field.put([clicked("e")])
    worker(field, microsoft)
    await field.in_state("parked")
    await microsoft.post("/_sim/rows", {"goals": {"Sale": "good"}})
    assert await field.settled(["e"]) == {"e": "sent"}
