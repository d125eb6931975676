"""Blocks of credit in arrays are what their records would be one by one."""

import random
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from processors.commands.shadow import compact
from processors.credit.blocks import credited
from processors.credit.handle import answer
from processors.credit.snapshot import Case, TenantSettings
from processors.domain.attribution import custom_document
from processors.summary.changes import Change, cell_deltas
from processors.summary.rows import Shown, shown
from processors.summary.sums import Cell, Sums
from schemas.credit import Credits
from tests.unit.credit.cases import DAY, TENANT, case, touch

STATUSES = ("paid", "paid", "refunded", "cancelled")
ZONE = "America/St_Johns"


def cases(rng: random.Random, settings: TenantSettings, count: int = 60) -> list[Case]:
    """Of two currencies, with and without touches, rates and anything that counts."""
    return [
        case(
            *(
                touch(f"{n}-{k}", days=rng.random() * 120 - 1, channel=rng.choice(("email", "ads")))
                for k in range(rng.choice((0, 1, 2, 5)))
            ),
            settings=settings,
            rate=rng.choice((None, Decimal("1.25"))),
            conversion_id=f"c{n}",
            currency=rng.choice(("USD", "EUR")),
            net=rng.randint(0, 10**6),
            converted_at=1_700_000_000_000 + rng.randint(0, 90) * DAY // 10,
            status=rng.choice(STATUSES),
            is_pending=rng.random() < 0.1,
        )
        for n in range(count)
    ]


@pytest.mark.parametrize("document", ["", '{"channels": {"email": 0.5}}'])
def test_what_blocks_add_to_the_cells_is_what_their_records_add(document: str) -> None:
    rng = random.Random(document)
    settings = TenantSettings(time_zone=ZONE)
    if document:
        own = replace(settings.credit, custom=custom_document.model(document))
        settings = replace(settings, credit=own)
    some = cases(rng, settings)
    sums = Sums()
    for block in credited(some):
        sums.add(compact.earnings(compact.told(block), sums, side=compact.SHADOW))
    found = dict(sums.totals())
    expected = cell_deltas(
        Change(TENANT, compact.SHADOW, 1, row.earned)
        for row in map(_shown, answer(some))
        if row.earned is not None
    )
    assert found.keys() == expected.keys()
    assert len(found) > 20
    assert all(np.array_equal(found[cell], expected[cell]) for cell in found)


def test_of_cases_none_of_which_counts_nothing_is_added() -> None:
    sums = Sums()
    for block in credited([case(touch("a"), status="refunded"), case(status="cancelled")]):
        sums.add(compact.earnings(compact.told(block), sums, side=compact.PRODUCTION))
        assert compact.encoded(compact.told(block), run_id="r")
    totals: dict[Cell, object] = dict(sums.totals())
    assert totals == {}


def _shown(record: Credits) -> Shown:
    """As the cells see it, which know no campaigns."""
    touches = tuple(own.model_copy(update={"campaign": ""}) for own in record.touches)
    row = shown(record.model_copy(update={"touches": touches}))
    assert isinstance(row, Shown)
    return row
