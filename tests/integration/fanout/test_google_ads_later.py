"""What Google says later of a request that it took, behind the queue."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from deploy.simulators.authority import EXCHANGE
from processors.domain.ids import purchase_event_id
from tests.integration.fanout.field import Field, Simulator, names, until
from tests.integration.fanout.test_google_ads import bought, login, taken_back

QUICK = {
    "ATTRIBUTARY_FANOUT_RECEIPT_FIRST_SECONDS": "0.4",
    "ATTRIBUTARY_FANOUT_RECEIPT_MAX_SECONDS": "1",
    "ATTRIBUTARY_FANOUT_RECEIPTS_POLL_SECONDS": "0.1",
    "ATTRIBUTARY_FANOUT_LEASE_SECONDS": "5",
}


def work(field: Field, google: Simulator, replica: int = 0, /, **environment: str) -> Any:
    url = google.url + EXCHANGE
    return field.worker(replica, ATTRIBUTARY_GOOGLE_ADS_TOKEN_URL=url, **QUICK | environment)


async def opened(field: Field, **told: Any) -> Simulator:
    google = await field.add("google_ads")
    await login(field)
    await google.post("/_sim/rows", told)
    return google


async def ended(field: Field, states: dict[str, str]) -> None:
    """Return when deliveries are so, and no receipt is asked for any more."""

    async def so() -> bool:
        open_receipts = await field.fetch("SELECT 1 FROM delivery_receipts WHERE ended_at IS NULL")
        return await field.states() == states and not open_receipts

    try:
        await until(f"{states} without open receipts", so)
    except AssertionError as late:
        found = {e: s for e, s in (await field.states()).items() if states.get(e) != s}
        raise AssertionError(f"{late}\n{found}\n{field.logs()[-4000:]}") from None


async def dead(field: Field) -> dict[str, str]:
    rows = await field.fetch("SELECT event_id, error FROM delivery_dlq WHERE reason = 'rejected'")
    return {row["event_id"]: row["error"] for row in rows}


async def test_a_request_that_fails_later_ends_rejected_and_what_follows_it_is_not_told(
    field: Field,
) -> None:
    google = await opened(field, late={"o1": "INVALID_GCLID"}, processing_seconds=1)
    work(field, google)
    ours = purchase_event_id(tenant="acme", source="api", order_id="o1", platform="google_ads")
    await field.put([bought(ours, order_id="o1")])
    await field.in_state("sent")
    await ended(field, {ours: "rejected"})
    assert await dead(field) == {ours: "late INVALID_GCLID"}
    await field.put([taken_back("o1")])
    await ended(field, {ours: "rejected", "cancel o1": "filtered"})

    async def told() -> bool:
        return (await field.outcomes()).keys() == {ours, "cancel o1"}

    await until("both outcomes", told)
    outcome = (await field.outcomes())[ours]
    assert (outcome.state, outcome.error) == ("rejected", "late INVALID_GCLID")
    assert await google.accepted() == {}
    (health,) = await field.fetch("SELECT deliveries, sent, rejected FROM delivery_health")
    assert tuple(health.values()) == (1, 0, 1)


async def test_of_a_request_that_fails_in_part_exactly_the_bad_event_is_rejected(
    field: Field,
) -> None:
    events = names(40)
    google = await opened(field, late={events[17]: "INVALID_GCLID"}, requests_per_minute=0)
    await google.post("/_sim/rows", {"wait_seconds": 1})
    work(field, google)
    await field.put([bought(e) for e in events])
    await field.in_state("queued", at_least=len(events))
    await google.post("/_sim/rows", {"requests_per_minute": 300})
    await ended(field, dict.fromkeys(events, "sent") | {events[17]: "rejected"})
    assert await dead(field) == {events[17]: "late INVALID_GCLID"}
    assert await google.accepted() == {e: 1 for e in events if e != events[17]}
    stats = await google.stats()
    assert stats["duplicates"] >= len(events) - 2, "the others were told again"


async def test_a_request_that_fails_for_the_time_being_is_told_again(field: Field) -> None:
    google = await opened(field, late={"e": "INTERNAL_ERROR"})
    work(field, google)
    await field.put([bought("e")])

    async def failed() -> bool:
        return bool(await field.fetch("SELECT 1 FROM delivery_receipts WHERE verdict = 'retry'"))

    await until("a failure", failed)
    await google.post("/_sim/rows", {"late": {}})
    await ended(field, {"e": "sent"})
    assert await google.accepted() == {"e": 1}
    assert await dead(field) == {}


@pytest.mark.heavy
@pytest.mark.parametrize("held", ["after_send", "before_record", None])
async def test_a_sigkill_between_an_answer_and_its_verdict_loses_no_receipt(
    field: Field, tmp_path: Path, held: str | None
) -> None:
    google = await opened(field, late={"bad": "INVALID_GCLID"}, processing_seconds=2)
    holding = {"FANOUT_HOLD_AT": held, "FANOUT_HOLD_FOLDER": str(tmp_path)} if held else {}
    (tmp_path / "go").touch()
    first = work(field, google, **holding)
    await field.put([bought("bad")])
    if held:
        await field.in_state("sending")
        await until("the answer", lambda: _exists(tmp_path / "held"))
    else:
        await field.in_state("sent")
    field.kill(first)
    work(field, google, 1)
    await ended(field, {"bad": "rejected"})
    assert await dead(field) == {"bad": "late INVALID_GCLID"}
    assert await google.accepted() == {}


async def _exists(path: Path) -> bool:
    return await asyncio.to_thread(path.exists)
