"""All snapshots of an order make one conversion, in whatever order they came."""

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.identity.fold import Fold, Version, fold, person_of
from processors.identity.graph import Link
from tests.unit.identity.builders import NOON, digest, order

DAY = 86_400_000


def version(at: int = NOON, content_hash: str = "h", **fields: Any) -> Version:
    return Version(at, order(content_hash, **fields))


def made(
    *versions: Version, refunds: dict[str, int] | None = None, pixel_counts: bool = False
) -> Fold:
    found = fold(versions, refunds or {}, pixel_counts=pixel_counts)
    assert found is not None
    return found


PAID: dict[str, Any] = {"gross": 1000, "currency": "USD", "ordered_at": NOON, "status": "paid"}


def test_a_later_value_wins_and_a_null_never_does() -> None:
    found = made(version(1, "a", **PAID), version(2, "b", gross=1250), version(3, "c"))
    assert (found.order.gross, found.order.currency, found.net) == (1250, "USD", 1250)
    assert found.status == "paid"


def test_of_two_versions_of_one_time_the_greater_hash_wins() -> None:
    found = made(version(1, "b", **{**PAID, "gross": 2}), version(1, "a", **{**PAID, "gross": 1}))
    assert found.order.gross == 2


def test_of_two_versions_of_one_second_the_later_stage_of_an_orders_life_stands() -> None:
    created = version(1, "z", **{**PAID, "status": "pending"})
    paid = version(1, "a", **PAID)
    assert made(created, paid).status == made(paid, created).status == "paid"


def test_the_currency_is_the_grosss_and_a_refund_does_not_change_it() -> None:
    refund = version(2, "b", currency="EUR")
    assert made(version(1, "a", **PAID), refund).order.currency == "USD"
    assert made(refund).order.currency == "EUR"


def test_identifiers_fold_field_by_field_and_every_id_ever_named_is_a_node() -> None:
    found = made(
        version(1, "a", visitor_id="v1", identifiers={"customer_id": "c1", "device_id": "d1"}),
        version(2, "b", visitor_id="v2", identifiers={"customer_id": "c2"}),
    )
    assert found.order.identifiers.customer_id == "c2"
    assert found.order.identifiers.device_id == "d1"
    assert found.nodes == ("customer:c1", "customer:c2", "device:d1", "visitor:v1", "visitor:v2")


def test_user_data_and_discount_codes_are_not_lost_to_a_snapshot_without_them() -> None:
    found = made(
        version(1, "a", user_data={"hashed": {"em": digest("x")}}, discount_codes=("SPRING",)),
        version(2, "b"),
    )
    assert found.order.user_data.hashed == {"em": digest("x")}
    assert found.order.discount_codes == ("SPRING",)


@pytest.mark.parametrize(
    ("fields", "refunds", "expected"),
    [
        ({}, {}, ("paid", 0, 1000)),
        ({"status": None}, {}, ("paid", 0, 1000)),
        ({"status": "pending"}, {}, ("pending", 0, 1000)),
        ({}, {"r1": 300}, ("partially_refunded", 300, 700)),
        ({}, {"r1": 300, "r2": 300}, ("partially_refunded", 600, 400)),
        ({"refunded": 800}, {"r1": 300}, ("partially_refunded", 800, 200)),
        ({"refunded": 100}, {"r1": 300}, ("partially_refunded", 300, 700)),
        ({}, {"r1": 1000}, ("refunded", 1000, 0)),
        ({}, {"r1": 5000}, ("refunded", 5000, 0)),
        ({"status": "refunded"}, {}, ("refunded", 1000, 0)),
        ({"status": "refunded"}, {"r1": 400}, ("partially_refunded", 400, 600)),
        ({"status": "partially_refunded"}, {}, ("partially_refunded", 0, 1000)),
        ({"status": "cancelled"}, {}, ("cancelled", 0, 0)),
        ({"status": "cancelled"}, {"r1": 300}, ("cancelled", 300, 0)),
        ({"status": "charged_back"}, {}, ("charged_back", 0, 0)),
        ({"gross": 0}, {}, ("paid", 0, 0)),
        ({"gross": 0, "status": "refunded"}, {}, ("refunded", 0, 0)),
        ({"gross": 0}, {"r1": 5}, ("partially_refunded", 5, 0)),
    ],
)
def test_status_refunded_and_net(
    fields: dict[str, Any], refunds: dict[str, int], expected: tuple[str, int, int]
) -> None:
    found = made(version(**{**PAID, **fields}), refunds=refunds)
    assert (found.status, found.refunded, found.net) == expected


def dispute(status: str, *, name: str = "d1", decided_at: int | None = None) -> dict[str, Any]:
    said = {"dispute_id": name, "status": status, "decided_at": decided_at}
    return {"disputes": (said,)}


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ([dispute("open")], ("charged_back", 0)),
        ([dispute("lost", decided_at=5)], ("charged_back", 0)),
        ([dispute("won", decided_at=5)], ("paid", 1000)),
        ([dispute("open"), dispute("won", decided_at=5)], ("paid", 1000)),
        ([dispute("lost", decided_at=5), dispute("won", decided_at=9)], ("paid", 1000)),
        ([dispute("won", decided_at=5), dispute("lost", decided_at=9)], ("charged_back", 0)),
        ([dispute("won", decided_at=5), dispute("lost", decided_at=5)], ("charged_back", 0)),
        ([dispute("open"), dispute("won")], ("paid", 1000)),
        ([dispute("won"), dispute("open", name="d2")], ("charged_back", 0)),
        ([dispute("open"), {"refunds": ()}], ("charged_back", 0)),
        ([dispute("open"), {"status": "cancelled"}], ("cancelled", 0)),
        ([dispute("lost"), {"status": "refunded"}], ("charged_back", 0)),
    ],
)
def test_an_open_or_lost_dispute_takes_the_money_and_a_won_one_gives_it_back(
    told: list[dict[str, Any]], expected: tuple[str, int]
) -> None:
    # The shop goes on to call the order paid, later than anything that is said of the dispute.
    versions = [version(9, "a", **PAID)]
    versions += [version(n, f"b{n}", **{**{"status": None}, **said}) for n, said in enumerate(told)]
    if any("status" in said for said in told):
        versions[-1] = Version(10, versions[-1].order)
    for arrived in itertools.permutations(versions):
        found = made(*arrived)
        assert (found.status, found.net) == expected


def test_a_dispute_of_an_order_that_nobody_knows_waits_for_it() -> None:
    found = made(version(1, "a", **dispute("open")))
    assert (found.status, found.state, found.deliverable) == (
        "charged_back",
        "pending_order",
        False,
    )


@pytest.mark.parametrize(
    ("versions", "paid_at"),
    [
        ([version(5, "a", **PAID, updated_at=5)], 5),
        ([version(5, "a", **PAID, updated_at=5), version(3, "b", **PAID, updated_at=3)], 3),
        ([version(5, "a", **PAID, updated_at=5, paid_at=4)], 4),
        ([version(5, "a", **PAID)], NOON),
        ([version(5, "a", gross=1, currency="USD")], 5),
        ([version(5, "a", **{**PAID, "status": "pending"})], None),
        ([version(5, "a", refunded=1)], None),
    ],
)
def test_an_order_was_paid_when_the_shop_says_else_when_it_first_called_it_paid(
    versions: list[Version], paid_at: int | None
) -> None:
    assert made(*versions).order.paid_at == paid_at


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({}, "ready"),
        ({"gross": 0}, "ready"),
        ({"gross": None}, "pending_order"),
        ({"currency": None}, "pending_order"),
        ({"status": "pending"}, "pending_order"),
        ({"status": "cancelled"}, "ready"),
    ],
)
def test_an_order_waits_for_its_gross_its_currency_and_its_payment(
    fields: dict[str, Any], state: str
) -> None:
    assert made(version(**{**PAID, **fields})).state == state


def test_an_order_is_deliverable_once_it_was_paid_whatever_came_after() -> None:
    assert made(version(**PAID)).deliverable
    assert made(version(**{**PAID, "status": None})).deliverable
    assert not made(version(**{**PAID, "status": "pending"})).deliverable
    assert not made(version(**{**PAID, "status": "cancelled"})).deliverable
    assert made(version(1, "a", **PAID), version(2, "b", status="cancelled")).deliverable
    assert not made(version(**{**PAID, "gross": None})).deliverable
    unpaid = version(1, "a", **{**PAID, "status": "pending"})
    assert not made(unpaid, version(2, "b", refunded=1)).deliverable


def test_the_time_of_an_order_is_the_last_one_told_else_that_of_its_first_version() -> None:
    told = made(version(5, "a", ordered_at=NOON), version(6, "b", ordered_at=NOON + 1))
    assert told.converted_at == NOON + 1
    assert made(version(7, "a"), version(5, "b")).converted_at == 5
    assert made(version(5, "a", ordered_at=0)).converted_at == 0


def test_what_the_pixel_says_counts_only_when_it_may_and_never_against_the_shop() -> None:
    pixel = version(9, "pixel-x", **{**PAID, "gross": 5}, precedence="pixel", visitor_id="v1")
    shop = version(1, "a", **PAID)
    assert fold([pixel], {}, pixel_counts=False) is None
    assert made(pixel, pixel_counts=True).net == 5
    both = made(pixel, shop, pixel_counts=True)
    assert (both.net, both.order.precedence, both.order.visitor_id) == (1000, "shop", "v1")
    alone = made(pixel, shop)
    assert (alone.order.visitor_id, alone.nodes) == (None, ())


def test_no_version_is_no_conversion() -> None:
    assert fold([], {"r1": 5}, pixel_counts=True) is None


snapshots = st.lists(
    st.builds(
        version,
        st.integers(0, 3),
        st.sampled_from(["a", "b", "c", "d"]),
        gross=st.one_of(st.none(), st.integers(0, 5)),
        currency=st.sampled_from([None, "USD"]),
        status=st.sampled_from([None, "paid", "cancelled", "refunded", "pending"]),
        disputes=st.sampled_from([(), *(dispute(s)["disputes"] for s in ("open", "won", "lost"))]),
        refunded=st.one_of(st.none(), st.integers(0, 5)),
        visitor_id=st.sampled_from([None, "v1", "v2"]),
        precedence=st.sampled_from(["shop", "pixel"]),
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda one: one.order.content_hash,
)


@given(snapshots, st.dictionaries(st.sampled_from(["r1", "r2"]), st.integers(0, 5)), st.booleans())
def test_the_order_of_the_snapshots_does_not_matter(
    versions: list[Version], refunds: dict[str, int], pixel_counts: bool
) -> None:
    folds = [
        fold(arrived, refunds, pixel_counts=pixel_counts)
        for arrived in itertools.permutations(versions)
    ]
    assert all(found == folds[0] for found in folds)
    if folds[0] is not None:
        assert 0 <= folds[0].net <= (folds[0].order.gross or 0)


@given(snapshots)
def test_a_snapshot_that_says_nothing_changes_nothing_but_the_stamps(
    versions: list[Version],
) -> None:
    shop = [v for v in versions if v.order.precedence == "shop"]
    if shop:
        silent = version(max(v.version_at for v in shop), "z")
        before, after = made(*shop), made(*shop, silent)
        assert (before.net, before.status, before.nodes) == (after.net, after.status, after.nodes)


def test_the_person_is_that_of_the_strongest_id_that_is_not_shared() -> None:
    links = {
        "visitor:v": Link("customer:c", False),
        "device:d": Link("device:a", False),
        "email:e": Link("email:e", True),
    }
    assert person_of(["visitor:v", "device:d", "email:e"], links) == "device:a"
    assert person_of(["visitor:v", "email:e"], links) == "customer:c"
    assert person_of(["email:e"], links) is None
    assert person_of([], links) is None
    assert person_of(["customer:unknown", "visitor:v"], links) == "customer:c"


def test_of_two_ids_of_one_kind_the_smaller_speaks_for_the_order() -> None:
    links = {"customer:2": Link("p2", False), "customer:1": Link("p1", False)}
    assert person_of(["customer:2", "customer:1"], links) == "p1"
