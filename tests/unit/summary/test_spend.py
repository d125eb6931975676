"""The register of spend: the greatest figure stands."""

from typing import Any

import pytest

from processors.engine.outcome import Dead
from processors.summary.spend import greatest
from tests.unit.summary.records import credits, item, spend


def test_the_latest_report_stands_and_then_the_greater_amount() -> None:
    batch = [
        item(spend(reported_at=1, amount=9), offset=0),
        item(spend(reported_at=2, amount=5), offset=1),
        item(spend(reported_at=2, amount=7), offset=2),
        item(spend(reported_at=2, amount=6), offset=3),
    ]
    (figure,), damaged = greatest(batch)
    assert (figure.place, figure.record.amount, damaged) == (2, 7, {})


TOLD: dict[str, Any] = {
    "impressions": 5, "clicks": 4, "reach": 3, "frequency": "1.6", "view_conversions": 2,
    "click_conversions": 1, "view_value": 7, "click_value": 8,
}  # fmt: skip


@pytest.mark.parametrize("field", TOLD)
def test_all_that_is_shown_decides_between_figures_of_one_time(field: str) -> None:
    greater = "1.7" if field == "frequency" else TOLD[field] + 1
    low, high = item(spend(**TOLD)), item(spend(**(TOLD | {field: greater})), offset=1)
    without = item(spend(**{name: TOLD[name] for name in TOLD if name != field}))
    for batch in ([low, high], [high, low], [without, high], [high, without]):
        (figure,), _ = greatest(batch)
        assert figure.record == high.value


def test_one_frequency_in_two_forms_is_one_figure() -> None:
    short, long = (greatest([item(spend(frequency=f))])[0][0] for f in ("1.5", "1.500000"))
    assert short.rank == long.rank


def test_accounts_days_and_campaigns_have_figures_of_their_own() -> None:
    batch = [item(record, offset=n) for n, record in enumerate(
        [spend(), spend(account_id="act_2"), spend(date="2023-11-12"), spend(campaign="spring")]
    )]  # fmt: skip
    assert len(greatest(batch)[0]) == 4


@pytest.mark.parametrize(
    ("platform", "channel"),
    [("meta", "paid_social"), ("google", "paid_search"), ("mntn", "ctv"), ("radio", "other")],
)
def test_a_platform_that_names_no_channel_has_a_default(platform: str, channel: str) -> None:
    (figure,), _ = greatest([item(spend(platform=platform))])
    assert figure.key[5] == channel


def test_a_channel_that_the_vendor_told_stands() -> None:
    (figure,), _ = greatest([item(spend(channel="paid_shopping", platform="google"))])
    assert figure.key[5] == "paid_shopping"


@pytest.mark.parametrize(
    "changes",
    [{"date": "2023-02-30"}, {"campaign": "a\0"}, {"clicks": -1}, {"reach": -1}, {"reach": 2**63}],
)
def test_a_figure_that_no_table_can_hold_is_dead(changes: dict[str, object]) -> None:
    figures, damaged = greatest([item(spend(**changes))])
    assert figures == []
    assert isinstance(damaged[0], Dead)


def test_other_records_are_none_of_its_business() -> None:
    assert greatest([item(credits())]) == ([], {})
