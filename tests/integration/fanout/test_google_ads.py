"""Google Ads behind the queue: both APIs, a bad event, tokens, a quota, silence, adjustments."""

from time import time
from typing import Any

import pytest

from deploy.simulators.authority import EXCHANGE
from processors.domain.ids import purchase_event_id
from processors.platforms.google_ads.accounts import conversion_actions
from schemas.delivery import Delivery
from tests.integration.fanout.field import Field, Simulator, event, names, until

ACTIONS = conversion_actions("Purchase=987,Lead=988")


async def connected(field: Field, **said: str) -> Simulator:
    google = await field.add("google_ads")
    await login(field, **said)
    field.worker(ATTRIBUTARY_GOOGLE_ADS_TOKEN_URL=google.url + EXCHANGE)
    return google


async def login(field: Field, **said: str) -> None:
    given = {
        "account_id": "1234567890",
        "conversion_actions": ACTIONS,
        "login_customer_id": "9876543210",
        "api": "data_manager",
    }
    await field.connect("acme", "google_ads", **given | said)


def bought(event_id: str, **rest: Any) -> Delivery:
    hashed = {"em_google": "a" * 64, "ph_plus": "b" * 64}
    given = {"marketing": {"gclid": "Cj0K"}, "user_data": {"hashed": hashed}, **rest}
    return event(event_id, platform="google_ads", **given)


def taken_back(order_id: str, kind: str = "cancel", **rest: Any) -> Delivery:
    now = int(time() * 1000)
    return bought(f"{kind} {order_id}", order_id=order_id, kind=kind, occurred_at=now, **rest)


@pytest.mark.parametrize(
    ("api", "why"),
    [("data_manager", "HTTP 400 INVALID_EVENT"), ("click_uploads", "HTTP 200 EVENT_NOT_FOUND")],
)
async def test_an_event_that_is_refused_costs_its_batch_nothing_and_an_unmapped_one_no_request(
    field: Field, api: str, why: str
) -> None:
    google = await connected(field, api=api)
    events = names(20)
    await google.script(refuse_ids=[events[5]])
    unmapped = event("page", platform="google_ads", name="PageView", marketing={"gclid": "Cj0K"})
    await field.put([unmapped, *(bought(e) for e in events)])
    states = await field.settled(["page", *events])
    assert {e: s for e, s in states.items() if s != "sent"} == {
        "page": "filtered",
        events[5]: "rejected",
    }
    assert await google.accepted() == {e: 1 for e in events if e != events[5]}
    rows = await field.fetch("SELECT event_id, error FROM delivery_dlq")
    assert {row["event_id"]: row["error"] for row in rows} == {events[5]: why}


@pytest.mark.heavy
async def test_adjustments_wait_for_their_purchase_and_change_what_google_counts(
    field: Field,
) -> None:
    google = await connected(field)
    await field.put([taken_back("part", "adjust", value=1000), taken_back("gone")])
    await field.in_state("queued", at_least=2)
    purchases = [
        bought(
            purchase_event_id(tenant="acme", source="api", order_id=name, platform="google_ads"),
            order_id=name,
        )
        for name in ("part", "gone", "kept")
    ]
    await field.put(purchases)
    told = [*(each.event_id for each in purchases), "adjust part", "cancel gone"]
    assert await field.settled(told) == dict.fromkeys(told, "sent")
    stats = await google.stats()
    assert stats["adjusted"] == {"part": 10.0, "gone": None}


@pytest.mark.heavy
async def test_an_access_token_that_ends_is_bought_again_and_a_revoked_one_waits(
    field: Field,
) -> None:
    google = await connected(field)
    await field.put([bought("first")])
    assert await field.settled(["first"]) == {"first": "sent"}
    await google.post("/_sim/rows", {"expired": True})
    await field.put([bought("second")])
    assert (await field.settled(["second"]))["second"] == "sent"
    await google.post("/_sim/rows", {"revoked": ["token-1"]})
    await field.put([bought("third")])
    await field.in_state("parked")
    await login(field, refresh_token="token-2")
    assert (await field.settled(["third"]))["third"] == "sent"
    assert await google.accepted() == {"first": 1, "second": 1, "third": 1}
    assert "token-1" not in field.logs()


@pytest.mark.heavy
async def test_a_quota_and_a_storm_are_only_a_wait(field: Field) -> None:
    google = await connected(field)
    await google.post("/_sim/rows", {"requests_per_minute": 0, "wait_seconds": 1})
    await google.script({"account": "token-1", "count": 2, "status": 503})
    events = names(5)
    await field.put([bought(e) for e in events])
    await field.in_state("queued", at_least=5)
    await until("a refusal for the quota", lambda: _throttled(field))
    await google.post("/_sim/rows", {"requests_per_minute": 300})
    assert set((await field.settled(events)).values()) == {"sent"}
    assert await google.accepted() == dict.fromkeys(events, 1)


async def _throttled(field: Field) -> bool:
    rows = await field.fetch("SELECT 1 FROM capi_delivery_log WHERE status = 'throttled'")
    return bool(rows)


@pytest.mark.heavy
async def test_silence_after_an_upload_counts_once(field: Field) -> None:
    google = await connected(field, api="click_uploads")
    await google.script({"account": "token-1", "count": 1, "drop": "after"})
    events = names(10)
    await field.put([bought(e) for e in events])
    assert set((await field.settled(events)).values()) == {"sent"}
    assert await google.accepted() == dict.fromkeys(events, 1)
    rows = await field.fetch("SELECT DISTINCT status FROM capi_delivery_log")
    assert {row["status"] for row in rows} == {"unknown", "sent"}
