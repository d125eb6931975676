"""Credit's pure part: which pointers are answered, and what the answers say."""

from decimal import Decimal

import pytest

from processors.credit.handle import answer, choose, outcomes, portions
from processors.credit.snapshot import Case, TenantSettings
from processors.domain.attribution import (
    MODELS,
    STANDARD_MODELS,
    UNIT,
    WINDOWS,
    CreditSettings,
    custom_document,
)
from processors.engine.codec import decode, encode, key
from processors.engine.outcome import APPLIED, DUPLICATE, Dead, Drop
from processors.engine.processor import Message
from schemas.credit import Credits
from tests.unit.credit.cases import TENANT, case, pointer, touch, undecodable

CELLS = len(STANDARD_MODELS) * len(WINDOWS)


def never(_key: tuple[str, str], _rev: int) -> bool:
    return False


def only(given: Case) -> Credits:
    (record,) = answer([given])
    return record


def on_the_wire(record: Credits) -> object:
    """What the next processor reads."""
    message = Message("credits.v1", 0, 0, 0, key("credits.v1", record), encode(record))
    return decode(message).value


def in_euros(time_zone: str = "UTC") -> TenantSettings:
    return TenantSettings(currency="EUR", time_zone=time_zone)


def test_several_pointers_to_one_conversion_are_answered_once() -> None:
    batch = [pointer("a", rev=1), pointer("b"), pointer("a", rev=2, offset=2)]
    chosen = choose(batch, never)
    assert chosen == {(TENANT, "a"): 0, (TENANT, "b"): 1}
    found = {(TENANT, "a"), (TENANT, "b")}
    assert outcomes(batch, chosen, found) == [APPLIED, APPLIED, DUPLICATE]


def test_a_pointer_that_was_answered_is_a_duplicate() -> None:
    batch = [pointer("a", rev=4), pointer("a", rev=5, offset=1)]
    chosen = choose(batch, lambda _key, rev: rev <= 4)
    assert chosen == {(TENANT, "a"): 1}
    assert outcomes(batch, chosen, {(TENANT, "a")}) == [DUPLICATE, APPLIED]


def test_pointers_to_a_conversion_that_is_not_there_yet_are_filtered() -> None:
    batch = [pointer("a"), pointer("a", rev=2, offset=1)]
    assert outcomes(batch, choose(batch, never), set()) == [Drop("not_yet")] * 2


def test_what_cannot_be_decoded_stays_dead() -> None:
    batch = [undecodable(), pointer("a", offset=1)]
    assert outcomes(batch, choose(batch, never), {(TENANT, "a")}) == [Dead("undecodable"), APPLIED]


def test_portions_hold_every_case_once_and_few_touches() -> None:
    cases = [case(*[touch(f"t{n}-{k}") for k in range(n)]) for n in range(8)]
    split = list(portions(cases, touches=7))
    assert [own for portion in split for own in portion] == cases
    assert all(sum(own.touches.size for own in p) <= 7 or len(p) == 1 for p in split)


def test_the_record_has_every_array_and_adds_up() -> None:
    record = only(case(touch("b", days=2), touch("a", days=10)))
    assert [own.touchpoint_id for own in record.touches] == ["a", "b"]
    assert [own.first_window for own in record.touches] == [3, 1]
    assert len(record.credit) == len(record.touch_revenue) == 2 * CELLS
    assert record.touch_revenue_reporting is None
    for cell in range(CELLS):
        shares = record.credit[cell], record.credit[CELLS + cell]
        assert sum(shares) == (UNIT if cell % len(WINDOWS) >= 1 else 0)
    assert (record.state, record.counts, record.revenue_reporting) == ("ready", True, 10_000)
    assert on_the_wire(record) == record


def test_a_tenants_own_model_is_the_eighth_and_its_version_is_told() -> None:
    custom = custom_document.parse('{"exclude": ["coupon"]}')
    assert custom is not None
    settings = TenantSettings(credit=CreditSettings(custom=custom))
    record = only(case(touch("a", days=3), touch("b", channel="coupon"), settings=settings))
    assert record.custom_version == custom.version
    assert len(record.credit) == len(record.touch_revenue) == 2 * 64
    assert record.credit[63::64] == [UNIT, 0]
    assert record.touch_revenue[63::64] == [10_000, 0]
    assert on_the_wire(record) == record
    (untouched,) = answer([case(settings=settings)])
    assert (untouched.custom_version, untouched.credit) == (custom.version, [])


def test_another_currency_is_converted_once_and_split_for_itself() -> None:
    record = only(case(touch("a"), settings=in_euros(), rate=Decimal("0.90005"), net=1_000))
    assert record.revenue_reporting == 900
    assert record.touch_revenue_reporting is not None
    assert max(record.touch_revenue_reporting) == 900
    assert max(record.touch_revenue) == 1_000


def test_without_a_rate_the_rows_exist_and_nothing_counts() -> None:
    record = only(case(touch("a"), settings=in_euros(), rate=None))
    assert (record.state, record.counts) == ("pending_rate", False)
    assert record.revenue_reporting is None
    assert record.touch_revenue_reporting is None
    assert len(record.touches) == 1
    assert on_the_wire(record) == record


def test_a_rate_that_gives_no_plausible_amount_is_no_rate() -> None:
    record = only(case(settings=in_euros(), rate=Decimal(10) ** 30))
    assert record.state == "pending_rate"


def test_an_order_that_is_not_complete_has_no_rows() -> None:
    record = only(case(is_pending=True, currency=None, net=0, status="pending", rate=None))
    assert (record.state, record.counts, record.touches) == ("pending_order", False, ())
    assert on_the_wire(record) == record


def test_revenue_that_no_touch_earned_is_unattributed_and_counts() -> None:
    record = only(case(touch("old", days=366)))
    assert (record.state, record.counts, record.touches) == ("unattributed", True, ())


@pytest.mark.parametrize("status", ["refunded", "cancelled", "charged_back"])
def test_an_order_that_was_taken_back_keeps_its_rows_and_does_not_count(status: str) -> None:
    record = only(case(touch("a"), status=status, net=0))
    assert (record.state, record.counts, set(record.touch_revenue)) == ("ready", False, {0})
    assert sum(record.credit) > 0


def test_dates_are_those_of_the_tenants_time_zone() -> None:
    settings = TenantSettings(time_zone="Pacific/Auckland")
    record = only(case(touch("a", days=0.0), settings=settings))
    # 2023-11-14T22:13:20Z
    assert record.date == record.touches[0].date == "2023-11-15"


def test_only_direct_is_direct() -> None:
    record = only(case(touch("a", days=2, channel="email"), touch("b", channel="direct")))
    last_non_direct = MODELS.index("last_non_direct") * len(WINDOWS) + WINDOWS.index("ltv")
    assert record.credit[last_non_direct] == UNIT


def test_each_case_has_its_own_answer_whether_or_not_its_tenant_has_a_model() -> None:
    own = TenantSettings(credit=CreditSettings(custom=custom_document.model("{}")))
    cases = [
        case(
            *(touch(f"t{n}-{k}", days=1 + k) for k in range(n % 4)),
            settings=own if n % 3 else None,
            conversion_id=f"c{n}",
            net=1_000 + n,
        )
        for n in range(24)
    ]
    for given, record in zip(cases, answer(cases), strict=True):
        assert record == only(given)
        assert (record.conversion_id, record.revenue) == (
            given.conversion.conversion_id, given.conversion.net
        )  # fmt: skip
