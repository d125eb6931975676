"""What must hold of any log: nothing is lost, nothing is doubled, and order means nothing."""

import random
from collections import defaultdict

import pytest

from schemas.order import Order
from tests.oracle.compute import served
from tests.oracle.differences import fingerprint
from tests.oracle.log import log_of
from tests.oracle.tables import Served
from tests.oracle.words import MODELS, UNIT, WINDOWS
from tests.support.random_log import Arrival, Size, random_log
from tests.unit.oracle.logs import rows

SMALL = Size(tenants=2, visitors=12, customers=8, touches=40, events=12, orders=18, commands=12)
CONNECTIONS = {("tenant-0", "meta"): 0, ("tenant-0", "ga4"): 0, ("tenant-1", "klaviyo"): 0}


def arrival(seed: int) -> Arrival:
    return random_log(random.Random(seed), SMALL)


def oracle(log: Arrival) -> Served:
    return served(log_of(log), connections=CONNECTIONS)


@pytest.mark.parametrize("seed", range(12))
def test_neither_order_nor_repetition_of_records_changes_anything(seed: int) -> None:
    log, rng = arrival(seed), random.Random(seed)
    again = [*log, *rng.sample(log, len(log) // 3)]
    rng.shuffle(again)
    first, second = oracle(log), oracle(again)
    assert fingerprint(first) == fingerprint(second)
    assert first.deliveries_may == second.deliveries_may
    assert first.taken_back == second.taken_back


@pytest.mark.parametrize("seed", range(12))
def test_credit_adds_up_to_one_and_money_to_the_order(seed: int) -> None:
    found = oracle(arrival(seed))
    sums: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for row in rows(found, "results"):
        total = sums[row["conversion_id"], row["model"], row["attribution_window"]]
        total[0] += row["credit"]
        total[1] += row["attributed_revenue"]
        total[2] += row["attributed_revenue_reporting"] or 0
    orders = {row["conversion_id"]: row for row in rows(found, "conversions")}
    assert sums
    for (conversion_id, _, _), total in sums.items():
        order = orders[conversion_id]
        assert total == [UNIT, order["revenue"], order["revenue_reporting"] or 0]


@pytest.mark.parametrize("seed", range(12))
def test_every_model_and_window_adds_up_to_the_shops_revenue(seed: int) -> None:
    found = oracle(arrival(seed))
    counted = [
        row
        for row in rows(found, "conversions")
        if row["state"] in ("ready", "unattributed")
        and row["status"] not in ("refunded", "cancelled", "charged_back")
    ]
    for tenant in ("tenant-0", "tenant-1"):
        orders = [row for row in counted if row["tenant_id"] == tenant]
        revenue = sum(row["revenue_reporting"] for row in orders)
        for basis in ("accrual", "cash"):
            sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
            for cell in rows(found, "summary_cells", tenant_id=tenant, basis=basis):
                total = sums[cell["model"], cell["attribution_window"]]
                total[0] += cell["conversions"]
                total[1] += cell["revenue"]
            shown = {model for model, _ in sums}
            assert shown in ({*MODELS}, {*MODELS[:-1]}) if orders else not shown
            assert len(sums) == len(shown) * len(WINDOWS)
            assert all(total == [len(orders) * UNIT, revenue] for total in sums.values())


@pytest.mark.parametrize("seed", range(12))
def test_tenants_never_meet(seed: int) -> None:
    log = arrival(seed)
    alone = [(topic, record) for topic, record in log if _tenant(record) == "tenant-0"]
    together, single = oracle(log), oracle(alone)
    for table, found in single.tables.items():
        assert found == [row for row in together[table] if row[0] == "tenant-0"], table


@pytest.mark.parametrize("seed", range(12))
def test_what_must_be_delivered_may_be_delivered(seed: int) -> None:
    found = oracle(arrival(seed))
    assert found["deliveries"]
    assert set(found["deliveries"]) < found.deliveries_may


def test_random_logs_meet_every_hard_case() -> None:
    """What the generator promises is there, over a few seeds."""
    seen: set[object] = set()
    for seed in range(12):
        found = oracle(arrival(seed))
        for row in rows(found, "conversions"):
            seen |= {row["status"], row["state"], row["currency"], row["is_first_purchase"]}
        seen |= {("shared", row["quarantined"]) for row in rows(found, "identity_links")}
        seen |= {row["touchpoint_type"] for row in rows(found, "touchpoints")}
        seen |= {row["channel"] for row in rows(found, "touchpoints")}
        seen |= parts_of_orders(arrival(seed))
    assert seen >= {
        "paid", "partially_refunded", "refunded", "cancelled", "charged_back", "ready",
        "unattributed", "pending_order", "pending_rate", "JPY", "KWD", True, False, None,
        ("shared", True), "view", "click", "direct", "affiliate", "podcast",
        "refund before its order", "refund above its order", "edit", "open", "won", "lost",
        "two refunds", "the first refund alone", "refunds and their sum", "refunds and a cancel",
    }  # fmt: skip


def parts_of_orders(log: Arrival) -> set[object]:
    """Which parts of orders a log has, and where they arrive."""
    seen: set[object] = set()
    gross: dict[tuple[str, str, str], int] = {}
    for topic, record in log:
        if topic != "orders.v1" or not isinstance(record, Order):
            continue
        order = (record.tenant_id, record.source, record.order_id)
        seen |= {dispute.status for dispute in record.disputes}
        if record.gross is not None:
            gross[order] = record.gross
        elif not (record.refunds or record.disputes or record.status):
            seen.add("edit")
        parts = [refund for refund in record.refunds if refund.refund_id.startswith("part-")]
        if parts:
            seen.add("two refunds" if len(parts) > 1 else "the first refund alone")
            seen |= {"refunds and their sum"} if record.refunded else set()
            seen |= {"refunds and a cancel"} if record.status == "cancelled" else set()
        for refund in record.refunds:
            if order not in gross:
                seen.add("refund before its order")
            elif refund.amount > gross[order]:
                seen.add("refund above its order")
    return seen


def _tenant(record: object) -> object:
    return getattr(record, "tenant_id", None)
