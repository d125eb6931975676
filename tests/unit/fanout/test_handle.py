"""The rules of the queue, one by one."""

import pytest

from processors.fanout.handle import (
    Turn,
    Waiting,
    batches,
    consent_now,
    nodes,
    settle,
)
from processors.fanout.settings import FanoutSettings
from processors.platforms.base import Result, Verdict
from tests.unit.fanout.deliveries import DEADLINE, HOUR, NOW, delivery, waiting

SETTINGS = FanoutSettings()


def after(verdict: Verdict, row: Waiting, *, now_ms: int = NOW, window: int | None = 48 * HOUR,
          pause: float = 0.0) -> tuple[str, float, int]:  # fmt: skip
    """(state, seconds until the next attempt, deadline)."""
    done = settle(
        row,
        Result(verdict, "why"),
        now_ms=now_ms,
        settings=SETTINGS,
        window=lambda _: window,
        pause_seconds=pause,
    )
    return done.state, (done.next_attempt_ms - now_ms) / 1000, done.deadline_ms


@pytest.mark.parametrize(
    ("attempts", "state", "rest"),
    [(1, "queued", 1), (2, "queued", 2), (3, "queued", 4), (4, "parked", 30), (5, "parked", 60)],
)
def test_a_failure_waits_quickly_three_times_and_then_parks(
    attempts: int, state: str, rest: float
) -> None:
    assert after("retry", waiting(attempts)) == (state, rest, DEADLINE)


def test_a_throttled_one_waits_at_least_as_long_as_it_is_asked_to() -> None:
    assert after("throttled", waiting(1), pause=120) == ("queued", 120, DEADLINE)
    assert after("throttled", waiting(2), pause=0) == ("queued", 2, DEADLINE)


def test_without_good_credentials_it_parks_and_is_not_dead() -> None:
    assert after("reauth", waiting(1)) == ("parked", 60, DEADLINE)


def test_sent_and_rejected_are_final() -> None:
    assert after("sent", waiting(1))[0] == "sent"
    assert after("rejected", waiting(1))[0] == "rejected"


def test_what_the_tenant_never_asked_for_ends_without_a_dead_letter() -> None:
    assert after("unwanted", waiting(1)) == ("filtered", 0, DEADLINE)


def test_in_doubt_is_tried_again_only_while_the_platform_dedupes() -> None:
    ends = NOW + 48 * HOUR - 600_000
    assert after("unknown", waiting(1)) == ("queued", 1, ends)
    assert after("unknown", waiting(9), now_ms=ends - 1)[0] == "parked"
    assert after("unknown", waiting(9), now_ms=ends)[0] == "unknown"


def test_in_doubt_where_nothing_is_deduped_is_for_a_human() -> None:
    assert after("unknown", waiting(1), window=None)[0] == "unknown"


def test_doubt_shortens_the_deadline_and_a_later_failure_does_not_stretch_it() -> None:
    row = waiting(1)
    _, _, deadline = after("unknown", row)
    later = Waiting(row.delivery, 2, NOW, deadline)
    assert after("retry", later, now_ms=NOW + HOUR)[2] == deadline


def test_silence_is_passed_on_as_a_denial_where_the_tenant_says_so() -> None:
    silent = delivery(consent={"analytics_storage": "granted"})
    assert consent_now(silent, [], when_absent="granted") == silent.consent
    assert consent_now(silent, [], when_absent="denied").model_dump(exclude_none=True) == {
        "ad_storage": "denied",
        "ad_user_data": "denied",
        "ad_personalization": "denied",
        "analytics_storage": "granted",
    }


def test_what_a_person_said_in_a_chat_is_kept_where_silence_is_denial() -> None:
    for said in ("granted", "denied", None):
        told = delivery(consent={"whatsapp": said})
        assert consent_now(told, [], when_absent="denied").whatsapp == said


def test_a_person_is_looked_for_by_every_joining_id() -> None:
    one = delivery(
        visitor_id="v",
        person_id="customer:c",
        identifiers={"customer_id": "c", "email_sha256": "a" * 64, "fbp": "fb.1.1.1"},
    )
    assert nodes(one) == ["visitor:v", "customer:c", f"email:{'a' * 64}", "customer:c"]


def rows(tenant: str, *groups: str) -> list[Waiting]:
    return [
        waiting(one=delivery(f"{tenant}-{n}", tenant, visitor_id=group))
        for n, group in enumerate(groups)
    ]


def chosen(queue: list[Waiting], turns: list[Turn], *, limit: int, most: int) -> list[list[str]]:
    made = batches(queue, turns, group=lambda d: d.visitor_id or "", batch_limit=limit, most=most)
    return [[row.delivery.event_id for row in batch.rows] for batch in made]


def test_a_group_fills_a_request_up_to_the_platform_s_limit() -> None:
    queue = rows("a", "x", "x", "x", "y", "x")
    assert chosen(queue, [Turn("a", 9)], limit=2, most=9) == [
        ["a-0", "a-1"],
        ["a-2", "a-4"],
        ["a-3"],
    ]


def test_a_tenant_keeps_within_its_turn() -> None:
    queue = rows("a", "x", "y", "x")
    assert chosen(queue, [Turn("a", 1)], limit=9, most=9) == [["a-0", "a-2"]]


def test_tenants_take_turns_when_there_is_not_room_for_all() -> None:
    queue = rows("a", "1", "2", "3") + rows("b", "1", "2")
    turns = [Turn("b", 4), Turn("a", 4)]
    assert chosen(queue, turns, limit=1, most=3) == [["b-0"], ["a-0"], ["b-1"]]
