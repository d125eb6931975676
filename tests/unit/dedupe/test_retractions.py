"""How much is taken back of an order, and under which ids."""

from dataclasses import replace

import pytest

from processors.dedupe import retractions
from processors.dedupe.handle import ClaimKey, FoundOrder, Source, Subject, Wanted
from processors.dedupe.retractions import History, Kinds, Told
from processors.domain import ids
from schemas.delivery import DeliveryKind
from schemas.envelope import Content
from tests.unit.dedupe.events import AT, GRANTED, TENANT, found

BOTH: Kinds = frozenset({"refund", "cancel"})
RESTATES: Kinds = frozenset({"adjust", "cancel"})
HERE = Source("credits.v1", 0, 7)
Claims = dict[ClaimKey, Told]


def refunded(
    *refunds: tuple[str, int], said: int = 0, status: str = "partially_refunded"
) -> tuple[FoundOrder, History]:
    """An order of 50.00 with these refunds, an hour apart, and what its shop says of the sum."""
    history = History()
    for n, (name, amount) in enumerate(refunds):
        history.refund(name, amount, AT + 3_600_000 * (n + 1))
    if said:
        history.totals.append((said, AT + 1))
    history.status(status, AT + 2)
    total = max(said, sum(amount for _, amount in refunds))
    net = 0 if status == "cancelled" else 5_000 - total
    return replace(found(), status=status, refunded=total, net=net), history


def look(
    order: FoundOrder, history: History, claims: Claims, kinds: Kinds = BOTH, source: Source = HERE
) -> list[Wanted]:
    """What one record wants; the claims are then as it leaves them."""
    subject = Subject(place=0, source=source, about=order)
    purchase = Wanted(subject, ClaimKey(TENANT, "ga4", subject.event_id("ga4"), "event"), GRANTED)
    takings = retractions.wanted(
        [purchase],
        histories={order.key: history},
        claimed={(order.key, "ga4"): dict(claims)},
        retracts={"ga4": kinds},
    )
    claims |= {w.key: Told(source, w.amount or 0, w.at or 0, w.turn) for w in takings.fresh}
    again = [each for each in takings.known if takings.owners[each.key] == source]
    return [*again, *takings.fresh]


def amounts(wanted: list[Wanted]) -> list[tuple[DeliveryKind, int | None]]:
    return [(each.key.kind, each.amount) for each in wanted]


def name(kind: DeliveryKind, suffix: str) -> str:
    return ids.retraction_id(
        tenant=TENANT, order="1001", platform="ga4", kind=kind, suffix=suffix
    )  # fmt: skip


def test_each_refund_is_told_once_under_its_own_id_and_at_its_own_time() -> None:
    claims: Claims = {}
    (first,) = look(*refunded(("r1", 2_000)), claims)
    assert first.key == ClaimKey(TENANT, "ga4", name("refund", "r1"), "refund")
    assert (first.amount, first.occurred_at) == (2_000, AT + 3_600_000)
    other = Source("credits.v1", 0, 8)
    both = refunded(("r1", 2_000), ("r2", 1_000))
    (second,) = look(*both, claims, source=other)
    assert (second.key.event_id, second.amount) == (name("refund", "r2"), 1_000)
    assert look(*both, claims, source=Source("credits.v1", 0, 9)) == []


def test_the_record_that_claimed_tells_it_again_word_for_word() -> None:
    claims: Claims = {}
    before = look(*refunded(("r1", 2_000)), claims)
    later = refunded(("r1", 2_000), ("r2", 1_000))
    assert look(*later, claims)[:1] == [replace(each, subject=_of(later[0])) for each in before]


def _of(order: FoundOrder) -> Subject:
    return Subject(place=0, source=HERE, about=order)


@pytest.mark.parametrize("sum_first", [True, False])
def test_a_sum_and_its_refunds_are_not_told_twice(sum_first: bool) -> None:
    claims: Claims = {}
    steps = [refunded(said=2_000), refunded(("r1", 2_000), said=2_000)]
    for n, step in enumerate(steps if sum_first else steps[::-1]):
        look(*step, claims, source=Source("credits.v1", 0, n))
    assert sum(told.amount for told in claims.values()) == 2_000


def test_what_a_shop_says_beyond_its_refunds_is_told_by_the_total() -> None:
    told = look(*refunded(("r1", 500), said=2_000), {})
    assert amounts(told) == [("refund", 500), ("refund", 1_500)]
    assert told[1].key.event_id == name("refund", "total:2000")


def test_a_cancelled_order_takes_back_what_is_left_of_it_and_no_more() -> None:
    claims: Claims = {}
    look(*refunded(("r1", 2_000)), claims)
    second = look(*refunded(("r1", 2_000), status="cancelled"), claims, source=Source("c", 0, 8))
    assert amounts(second) == [("cancel", 3_000)]
    late = refunded(("r1", 2_000), ("r2", 3_000), status="cancelled")
    assert look(*late, claims, source=Source("c", 0, 9)) == []


def test_refunds_above_the_gross_take_back_the_gross() -> None:
    told = look(*refunded(("r1", 4_000), ("r2", 4_000), status="refunded"), {})
    assert amounts(told) == [("refund", 4_000), ("refund", 1_000)]


def test_a_dispute_takes_nothing_back() -> None:
    order = replace(found(), status="charged_back", net=0)
    assert look(order, History(), {}) == []


def test_a_platform_that_restates_is_told_what_is_left_and_then_the_end() -> None:
    claims: Claims = {}
    first = look(*refunded(("r1", 2_000)), claims, RESTATES)
    assert amounts(first) == [("adjust", 3_000)]
    assert first[0].key.event_id == name("adjust", "3000")
    gone = refunded(("r1", 2_000), status="cancelled")
    end = look(*gone, claims, RESTATES, source=Source("c", 0, 8))
    assert amounts(end) == [("cancel", 5_000)]


def test_a_value_that_comes_back_is_told_again_and_so_is_the_whole() -> None:
    claims: Claims = {}
    whole = refunded(status="paid")
    steps = [refunded(said=1_000), refunded(said=2_000), refunded(said=1_000), whole]
    told = [look(*step, claims, RESTATES, source=Source("c", 0, n)) for n, step in enumerate(steps)]
    assert [each.amount for (each,) in told] == [4_000, 3_000, 4_000, 5_000]
    assert told[2][0].key.event_id == name("adjust", "4000:2")
    assert look(*whole, claims, RESTATES, source=Source("c", 0, 9)) == []


def test_an_order_that_was_worth_more_than_its_cancel_told_takes_back_the_rest() -> None:
    claims: Claims = {}
    order, history = refunded(status="cancelled")
    look(order, history, claims)
    dearer = replace(order, order=order.order.model_copy(update={"gross": 5_250}))
    (rest,) = look(dearer, history, claims, source=Source("c", 0, 8))
    assert (rest.key.event_id, rest.amount) == (name("refund", "total:5250"), 250)


def test_what_a_platform_has_nothing_for_is_passed_on_to_be_recorded() -> None:
    assert amounts(look(*refunded(("r1", 2_000)), {}, frozenset())) == [("refund", 2_000)]


def test_of_a_part_nobody_says_which_products() -> None:
    from processors.dedupe.payload import delivery

    order, history = refunded(("r1", 2_000))
    lines = order.order.model_copy(update={"line_items": (Content(sku="mug"),)})
    (wanted,) = look(replace(order, order=lines), history, {})
    told = delivery(wanted, {})
    assert (told.kind, told.value, told.contents) == ("refund", 2_000, ())
    assert told.occurred_at == AT + 3_600_000
