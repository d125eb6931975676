"""What the bench of scale computes from what it measures."""

from collections import Counter
from dataclasses import replace
from itertools import islice

import pytest

from processors.commands.drain import Standing
from tests.bench.scale.backlog import STAGES, is_done
from tests.bench.scale.load import turns
from tests.bench.scale.meter import Spent
from tests.bench.scale.run import backlog_row, cost_of, row_of
from tests.bench.scale.shops import Shop
from tests.bench.scale.sizing import Cost, need, saturation

COST = Cost(
    cpu={"identity": 120e-6, "credit": 6e-6, "kafka": 30e-6, "postgres": 240e-6},
    wal_bytes=2_000,
    table_bytes=500,
    log_bytes=700,
)


def test_a_rate_needs_cores_for_its_cost_at_the_planned_utilisation() -> None:
    found = need(COST, 100_000)
    assert found.cores == {"identity": 20.0, "credit": 1.0, "kafka": 5.0, "postgres": 40.0}
    assert found.replicas == {"identity": 20, "credit": 1}
    assert found.partitions == 32
    assert found.postgres_servers == 2
    assert found.wal_mb_a_second == 200
    assert found.tables_gb_a_day == pytest.approx(4_320)


def test_what_is_written_may_need_more_servers_than_what_is_computed() -> None:
    assert need(COST, 1_000_000).postgres_servers == 13  # 400 cores
    assert need(replace(COST, wal_bytes=20_000), 100_000).postgres_servers == 10  # 2 GB/s


def test_a_small_rate_needs_one_of_each() -> None:
    found = need(COST, 1_000)
    assert found.replicas == {"identity": 1, "credit": 1}
    assert (found.partitions, found.postgres_servers) == (1, 1)


def test_what_is_full_first_comes_first() -> None:
    assert list(saturation(COST)) == ["identity", "postgres", "credit", "kafka"]
    assert saturation(COST)["identity"] == round(1 / 120e-6)


@pytest.mark.parametrize(("hot", "share"), [(0.0, 0.1), (0.8, 0.8)])
def test_a_hot_tenant_has_its_share_and_the_others_have_the_rest_alike(
    hot: float, share: float
) -> None:
    shops = [Shop(str(n), "") for n in range(10)]
    found = Counter(shop.name for shop in islice(turns(shops, hot=hot), 1_000))
    assert found["0"] / 1_000 == pytest.approx(share, abs=0.01)
    rest = [found[shop.name] for shop in shops[1:]]
    assert max(rest) - min(rest) <= 1


def test_a_cost_is_of_an_event_and_leaves_the_simulators_out() -> None:
    spent = Spent(
        seconds=20.0,
        cpu={"identity": 6.0, "postgres": 12.0, "simulators": 9.0, "shop": 1.0},
        waiting=0.5,
        wal_bytes=4_000,
    )
    cost = cost_of(spent, 2_000)
    assert cost.cpu["identity"] == pytest.approx(0.003)
    assert "simulators" not in cost.cpu
    row = row_of("1 replica", 2_000, spent)
    assert row["rate"] == 100
    assert row["cpu_s_per_100k"] == 900.0
    assert row["lock_s_per_100k"] == 500.0
    assert row["wal_bytes"] == 2


def test_stages_that_worked_one_after_the_other_are_added_up_and_each_is_told() -> None:
    stages = {
        "identity": Spent(seconds=20.0, cpu={"identity": 6.0, "postgres": 12.0}, waiting=0.5),
        "credit": Spent(seconds=5.0, cpu={"credit": 1.0, "postgres": 1.0, "identity": 0.0}),
    }
    row = backlog_row("2 replicas, backlog", 2_000, stages)
    assert row["rate"] == 80
    assert row["cpu_s_per_100k"] == 1_000.0
    assert row["lock_s_per_100k"] == 500.0
    assert row["stages"] == {"identity": [100, 900.0, 500.0], "credit": [400, 100.0, 0.0]}


def test_a_stage_comes_after_those_that_it_reads_from() -> None:
    assert set(STAGES) == {"identity", "credit", "summary", "dedupe", "fanout"}
    after = {name: STAGES.index(name) for name in STAGES}
    assert after["identity"] < after["credit"] < after["summary"]
    assert after["credit"] < after["dedupe"] < after["fanout"]


@pytest.mark.parametrize(
    ("stage", "standing", "done"),
    [
        ("credit", Standing(lag={"credit": 0, "summary": 9}, waiting=3), True),
        ("credit", Standing(lag={"credit": 1}), False),
        ("credit", Standing(lag={"credit": 0}, unreachable="kafka"), False),
        ("identity", Standing(lag={"identity": 0}, dirty=1), False),
        ("fanout", Standing(lag={"fanout": 0}, waiting=1), False),
        ("fanout", Standing(lag={"fanout": 0}, sending=1), False),
        ("fanout", Standing(lag={"fanout": 0}, unpublished=1), False),
        ("fanout", Standing(lag={"fanout": 0}), True),
    ],
)
def test_a_stage_is_done_when_nothing_is_left_for_it(
    stage: str, standing: Standing, *, done: bool
) -> None:
    assert is_done(stage, standing) is done
