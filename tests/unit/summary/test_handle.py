"""Summary's pure part: what is applied, and what it changes in the cells."""

from collections import defaultdict
from datetime import date
from typing import Any

import numpy as np
import pytest

from processors.domain.attribution import MODELS, STANDARD_MODELS, UNIT, WINDOWS
from processors.domain.attribution.models import IntArray
from processors.engine.outcome import DUPLICATE, Dead, Drop
from processors.engine.processor import Item, Message
from processors.summary.changes import Change, cell_deltas
from processors.summary.handle import choose
from processors.summary.rows import CELLS, CELLS_WITH_CUSTOM, Earned, Shown, shown
from processors.summary.sums import Cell, added
from schemas.credit import Credits
from tests.unit.summary.records import EPOCH, credits, item


def earned(record: Credits) -> Earned:
    row = shown(record)
    assert isinstance(row, Shown)
    assert row.earned is not None
    return row.earned


def by_hand(record: Credits, shard: int) -> dict[Cell, IntArray]:
    """The definition of the summary, cell by cell."""
    cells: dict[Cell, IntArray] = defaultdict(lambda: np.zeros((3, CELLS), dtype=np.int64))
    own = date.fromisoformat(record.date)
    for cell in range(CELLS):
        window = cell % len(WINDOWS)
        eligible = [n for n, t in enumerate(record.touches) if t.first_window <= window]
        for basis in ("accrual", "cash"):
            for n in eligible:
                touch = record.touches[n]
                on = date.fromisoformat(touch.date) if basis == "accrual" else own
                place = (basis, on, touch.channel, touch.platform, touch.campaign)
                cells[Cell("acme", *place, shard)][:, cell] += (
                    1,
                    record.credit[n * CELLS + cell],
                    record.touch_revenue[n * CELLS + cell],
                )
            if not eligible:
                rest = Cell("acme", basis, own, "unattributed", "none", "", shard)
                cells[rest][:, cell] += (0, UNIT, record.revenue)
    return cells


def test_a_new_conversion_adds_what_the_definition_says() -> None:
    for seed in range(30):
        record = credits(seed=seed, counts=True)
        found = cell_deltas([Change("acme", 2, 1, earned(record))])
        expected = {cell: own for cell, own in by_hand(record, 2).items() if own.any()}
        assert found.keys() == expected.keys()
        assert all((found[cell] == expected[cell]).all() for cell in found)


def test_deltas_of_many_are_the_sum_of_the_deltas_of_each() -> None:
    records = [credits(f"c{n}", seed=n, counts=True) for n in range(40)]
    together = cell_deltas([Change("acme", 0, 1, earned(record)) for record in records])
    total: dict[Cell, IntArray] = defaultdict(lambda: np.zeros((3, CELLS), dtype=np.int64))
    for record in records:
        for cell, own in cell_deltas([Change("acme", 0, 1, earned(record))]).items():
            total[cell] += own
    assert together.keys() == {cell for cell, own in total.items() if own.any()}
    assert all((together[cell] == total[cell]).all() for cell in together)


def test_a_row_replaced_by_itself_changes_no_cell() -> None:
    own = earned(credits(seed=1, counts=True))
    assert cell_deltas([Change("acme", 0, -1, own), Change("acme", 0, 1, own)]) == {}


def test_a_replaced_row_is_taken_out_and_the_new_one_put_in() -> None:
    old, new = (earned(credits(seed=seed, counts=True)) for seed in (1, 2))
    found = cell_deltas([Change("acme", 0, -1, old), Change("acme", 0, 1, new)])
    undone = cell_deltas([Change("acme", 0, 1, old), Change("acme", 0, -1, new)])
    assert found.keys() == undone.keys()
    assert all((found[cell] == -undone[cell]).all() for cell in found)


def test_nothing_changes_nothing() -> None:
    assert cell_deltas([]) == {}


def test_a_conversion_that_does_not_count_earns_nothing() -> None:
    row = shown(credits(counts=False))
    assert isinstance(row, Shown)
    assert row.earned is None


def test_every_model_and_window_adds_up_to_the_revenue() -> None:
    records = [credits(f"c{n}", seed=n, counts=True) for n in range(40)]
    deltas = cell_deltas([Change("acme", 0, 1, earned(record)) for record in records])
    for basis in ("accrual", "cash"):
        own = [delta for cell, delta in deltas.items() if cell.basis == basis]
        total = np.sum(own, axis=0)
        assert set(total[2].tolist()) == {sum(record.revenue for record in records)}
        assert set(total[1].tolist()) == {len(records) * UNIT}
    assert len(STANDARD_MODELS) * len(WINDOWS) == CELLS
    assert len(MODELS) * len(WINDOWS) == CELLS_WITH_CUSTOM


@pytest.mark.parametrize("touches", [None, 0])
def test_a_tenants_own_model_adds_up_over_the_conversions_that_carry_it(
    touches: int | None,
) -> None:
    standard = [credits(f"s{n}", seed=n, counts=True) for n in range(5)]
    own = [
        credits(f"c{n}", seed=n, counts=True, custom='{"exclude": ["email"]}', touches=touches)
        for n in range(20)
    ]
    changes = [Change("acme", 0, 1, earned(record)) for record in (*own, *standard, *own)]
    deltas = cell_deltas(changes)
    for basis in ("accrual", "cash"):
        cells = [delta for cell, delta in deltas.items() if cell.basis == basis]
        total = np.zeros((3, CELLS_WITH_CUSTOM), dtype=np.int64)
        for cell in cells:
            total = added(total, cell)
        carried = 2 * sum(record.revenue for record in own)
        everything = carried + sum(record.revenue for record in standard)
        assert set(total[2, :CELLS].tolist()) == {everything}
        assert set(total[2, CELLS:].tolist()) == {carried}
        assert set(total[1, CELLS:].tolist()) == {40 * UNIT}
        assert set(total[1, :CELLS].tolist()) == {45 * UNIT}


def test_a_model_that_is_taken_away_leaves_no_wide_cell_behind() -> None:
    before = earned(credits(seed=3, counts=True, touches=3, custom="{}"))
    after = earned(credits(seed=3, counts=True, touches=3))
    made = cell_deltas([Change("acme", 0, 1, before)])
    changed = cell_deltas([Change("acme", 0, -1, before), Change("acme", 0, 1, after)])
    plain = cell_deltas([Change("acme", 0, 1, after)])
    assert made.keys() == plain.keys()
    for cell, own in made.items():
        assert own.shape == (3, CELLS_WITH_CUSTOM)
        assert np.array_equal(added(own, changed[cell]), plain[cell])


def test_arrays_of_seven_models_with_a_custom_version_are_damaged() -> None:
    record = credits(touches=2).model_copy(update={"custom_version": "abc"})
    assert isinstance(shown(record), Dead)
    custom = credits(touches=2, custom="{}").model_copy(update={"custom_version": None})
    assert isinstance(shown(custom), Dead)


def test_only_the_greatest_revision_of_a_batch_is_applied() -> None:
    batch = [item(credits(rev=rev), offset=rev) for rev in (2, 5, 3)]
    chosen, outcomes = choose(batch, EPOCH)
    assert [own.place for own in chosen.values()] == [1]
    assert outcomes == [DUPLICATE] * 3


def test_revisions_of_another_database_are_filtered() -> None:
    chosen, outcomes = choose([item(credits(epoch="another"))], EPOCH)
    assert (chosen, outcomes) == ({}, [Drop("other_epoch")])


def test_what_cannot_be_decoded_stays_dead() -> None:
    message = Message("credits.v1", 0, 0, 0, b"acme|c", b"")
    assert choose([Item(message, Dead("undecodable"))], EPOCH)[1] == [Dead("undecodable")]


@pytest.mark.parametrize(
    "changes",
    [
        {"credit": [1]},
        {"touch_revenue": []},
        {"date": "yesterday"},
        {"credit": [UNIT + 1] * CELLS},
        {"credit": [2**70] * CELLS},
        {"model_version": "a\0b"},
    ],
)
def test_damaged_credits_are_dead_and_raise_nothing(changes: dict[str, Any]) -> None:
    row = shown(credits(touches=1, **changes))
    assert isinstance(row, Dead)
    assert row.reason == "damaged_credits"
