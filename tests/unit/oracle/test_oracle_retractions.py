"""What must and may be taken back, of how much; and that wrong tellings are seen."""

import hashlib
from typing import Any

import pytest

from processors.platforms.registry import CONNECTORS
from tests.oracle.differences import diff, fingerprint
from tests.oracle.retractions import TAKES
from tests.oracle.tables import Served
from tests.oracle.words import Row
from tests.unit.oracle.logs import Entry, command, order, tables

DENIED = {"ad_storage": "denied", "ad_user_data": "denied"}
PURCHASE = order(updated_at=1)
PART = order(updated_at=2, gross=None, refunds=[{"refund_id": "r1", "amount": 2_000}])
BOTH = order(
    updated_at=3,
    refunds=[{"refund_id": "r1", "amount": 2_000}, {"refund_id": "r2", "amount": 500}],
)
SUM = order(updated_at=4, status="partially_refunded", refunded=2_500)
CANCELLED = order(updated_at=5, status="cancelled")

End = tuple[str, str | None]
"""State and error."""
SENT: End = ("sent", None)
Telling = tuple[str, str, int]
"""Kind, suffix and value."""


def name(platform: str, kind: str, suffix: str) -> Row:
    text = f"acme:1:{platform}:{kind}:{suffix}"
    return ("acme", platform, hashlib.sha256(text.encode()).hexdigest()[:32], kind)


def must(platform: str, *log: Entry) -> set[Row]:
    return set(tables(*log, connections=(platform,))["retractions"])


def wrong(
    platform: str, log: list[Entry], *told: Telling, early: bool = False, end: End = SENT
) -> list[str]:
    """What the oracle finds in a pipeline that told this, in this order."""
    expected = tables(*log, connections=(platform,))
    found = dict(expected.tables)
    found["retractions"] = sorted(
        (*name(platform, kind, suffix), value, place, *end)
        for place, (kind, suffix, value) in enumerate(told)
    )
    accepted = () if early else expected.deliveries_may | set(expected["deliveries"])
    return diff(expected, Served(found, accepted=frozenset(accepted)))


def test_the_oracle_knows_what_each_platform_takes() -> None:
    assert {name: kind.retracts for name, kind in CONNECTORS.items() if kind.retracts} == TAKES


@pytest.mark.parametrize("platform", ["ga4", "meta"])
def test_each_refund_must_be_told_where_nothing_else_can_tell_it(platform: str) -> None:
    both = {name(platform, "refund", "r1"), name(platform, "refund", "r2")}
    assert must(platform, BOTH, PART, PURCHASE) == both
    assert must(platform, BOTH, PART, PURCHASE, SUM) == set()
    assert must(platform, PURCHASE, CANCELLED) == {name(platform, "cancel", "cancelled")}


def test_of_what_nobody_may_or_must_hear_nothing_is_taken_back() -> None:
    held = command("k", kind="consent", ids=["visitor:v"], consent=DENIED)
    assert must("ga4", order(status="pending"), PART) == set()
    assert wrong("meta", [PURCHASE, PART, held]) == []
    denied: list[Any] = [order(consent=DENIED, updated_at=1), held]
    assert wrong("meta", denied, ("refund", "r1", 2_000)) != []


def test_a_restating_platform_must_hear_what_is_left_and_the_end() -> None:
    assert must("google_ads", PART, PURCHASE) == {name("google_ads", "adjust", "8000")}
    assert must("google_ads", SUM, PURCHASE, CANCELLED) == {
        name("google_ads", "cancel", "cancelled")
    }


@pytest.mark.parametrize(
    "told",
    [
        [("refund", "r1", 2_000), ("refund", "r2", 500)],
        [("refund", "total:2500", 2_500)],
        [("refund", "r1", 2_000), ("refund", "total:2500", 500)],
    ],
)
def test_any_way_to_the_sum_is_right(told: list[Telling]) -> None:
    assert wrong("ga4", [PURCHASE, PART, BOTH, SUM], *told) == []


def test_a_refund_that_is_told_twice_is_seen() -> None:
    log = [PURCHASE, PART, BOTH, SUM]
    found = wrong("ga4", log, ("refund", "total:2500", 2_500), ("refund", "r1", 2_000))
    assert found == [
        "retractions: 1 rows differ",
        "  order api 1 of acme at ga4: 4500 taken back, expected 2500 to 2500",
    ]
    again = wrong("ga4", log, ("refund", "total:2500", 2_500), ("refund", "total:2500", 2_500))
    assert any("twice" in line for line in again)


def test_more_than_the_gross_and_less_than_was_paid_back_are_seen() -> None:
    log = [PURCHASE, PART, CANCELLED]
    rest = ("cancel", "cancelled", 8_000)
    assert wrong("ga4", log, ("refund", "r1", 2_000), rest) == []
    beyond = wrong("ga4", log, ("refund", "r1", 2_000), ("cancel", "cancelled", 10_000))
    assert "12000 taken back, expected 10000 to 10000" in beyond[1]
    short = wrong("ga4", log, rest)
    assert "8000 taken back, expected 10000 to 10000" in short[1]


def test_what_nobody_asked_for_and_what_came_before_its_purchase_are_seen() -> None:
    assert "surplus" in wrong("ga4", [PURCHASE], ("refund", "r1", 2_000))[1]
    early = wrong("ga4", [PURCHASE, PART], ("refund", "r1", 2_000), early=True)
    assert "before its purchase" in early[1]


def test_the_last_value_told_must_be_the_net() -> None:
    log = [PURCHASE, PART, BOTH]
    assert wrong("google_ads", log, ("adjust", "8000", 8_000), ("adjust", "7500", 7_500)) == []
    back = wrong("google_ads", log, ("adjust", "7500", 7_500), ("adjust", "8000", 8_000))
    assert "last said to be worth 8000, expected 7500" in back[1]
    again = ("adjust", "7500:2", 7_500)
    told: list[Telling] = [("adjust", "7500", 7_500), ("adjust", "8000", 8_000), again]
    assert wrong("google_ads", log, *told) == []
    assert "expected a value of 7500" in wrong("google_ads", log, ("adjust", "7500", 9))[1]


def kept(error: str) -> End:
    return "filtered", error


REFUND: Telling = ("refund", "r1", 2_000)


def test_what_a_platform_takes_is_kept_from_it_for_the_person_or_without_its_purchase() -> None:
    log = [PURCHASE, PART]
    for error in ("not_retractable", "conversion_not_accepted", "consent_denied", "superseded"):
        assert "not told" in wrong("ga4", log, REFUND, end=kept(error))[1], error
    assert wrong("ga4", log, REFUND, early=True, end=kept("conversion_not_accepted")) == []
    held = command("k", kind="consent", ids=["visitor:v"], consent={"analytics_storage": "denied"})
    seen = [order(updated_at=1, visitor_id="v"), PART, held]
    assert wrong("ga4", seen, REFUND, end=kept("consent_denied")) == []


def test_what_a_platform_has_nothing_for_is_written_down_and_not_sent() -> None:
    assert wrong("meta", [PURCHASE, PART], REFUND, end=kept("not_retractable")) == []
    assert "has nothing for it" in wrong("meta", [PURCHASE, PART], REFUND)[1]


def test_two_readings_are_compared_by_what_was_told_and_not_by_when() -> None:
    def reading(place: int, value: int) -> Served:
        rows = dict(tables(PURCHASE, PART, connections=("ga4",)).tables)
        rows["retractions"] = [(*name("ga4", "refund", "r1"), value, place, "sent", None)]
        return Served(rows)

    assert diff(reading(1, 2_000), reading(2, 2_000)) == []
    assert fingerprint(reading(1, 2_000)) == fingerprint(reading(2, 2_000))
    assert diff(reading(1, 2_000), reading(1, 2_001)) != []
