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
    "click_conversions": 1, "view_value": 7, "click_value": 8, "video_views": 6,
    "conversions": "2.5", "conversion_value": 9,
}  # fmt: skip


@pytest.mark.parametrize("field", TOLD)
def test_all_that_is_shown_decides_between_figures_of_one_time(field: str) -> None:
    greater = "3.5" if isinstance(TOLD[field], str) else TOLD[field] + 1
    low, high = item(spend(**TOLD)), item(spend(**(TOLD | {field: greater})), offset=1)
    without = item(spend(**{name: TOLD[name] for name in TOLD if name != field}))
    for batch in ([low, high], [high, low], [without, high], [high, without]):
        (figure,), _ = greatest(batch)
        assert figure.record == high.value


def test_one_frequency_in_two_forms_is_one_figure() -> None:
    short, long = (greatest([item(spend(frequency=f))])[0][0] for f in ("1.5", "1.500000"))
    assert short.rank == long.rank


def test_accounts_days_campaigns_and_ads_have_figures_of_their_own() -> None:
    batch = [item(record, offset=n) for n, record in enumerate([
        spend(), spend(account_id="act_2"), spend(date="2023-11-12"), spend(campaign="spring"),
        spend(campaign_id="spring"), spend(channel="display"), spend(ad_id="spring"),
        spend(campaign_id="spring", ad_id="id:spring"),
    ])]  # fmt: skip
    assert len(greatest(batch)[0]) == 8


@pytest.mark.parametrize("level", [{}, {"ad_id": "9"}])
def test_a_campaign_or_an_ad_that_is_renamed_or_moved_is_counted_once(
    level: dict[str, str],
) -> None:
    old = spend(campaign_id="1", campaign="spring", channel="display", reported_at=1, **level)
    new = spend(campaign_id="1", campaign="summer", channel="paid_video", reported_at=2, **level)
    for batch in ([item(old), item(new, offset=1)], [item(new), item(old, offset=1)]):
        (figure,), _ = greatest(batch)
        assert figure.row[6:8] == ("paid_video", "summer")


def test_names_decide_between_figures_that_are_equal_in_all_else() -> None:
    low, high = (item(spend(campaign_id="1", campaign=name)) for name in ("a", "b"))
    for batch in ([low, high], [high, low]):
        assert greatest(batch)[0][0].campaign == "b"


@pytest.mark.parametrize(
    ("platform", "kind", "channel"),
    [
        ("meta", None, "paid_social"), ("google", None, "paid_search"), ("mntn", None, "ctv"),
        ("radio", None, "other"), ("google", "SHOPPING", "paid_shopping"),
        ("microsoft", "Audience", "display"), ("google", "PERFORMANCE_MAX", "paid_search"),
        ("meta", "VIDEO", "paid_social"),
    ],
)  # fmt: skip
def test_spend_that_names_no_channel_has_that_of_its_campaigns_type_or_its_platform(
    platform: str, kind: str | None, channel: str
) -> None:
    (figure,), _ = greatest([item(spend(platform=platform, campaign_type=kind))])
    assert figure.channel == channel


def test_a_channel_that_the_vendor_told_stands() -> None:
    (figure,), _ = greatest([item(spend(channel="paid_shopping", platform="google"))])
    assert figure.channel == "paid_shopping"


@pytest.mark.parametrize(
    "changes",
    [
        {"date": "2023-02-30"},
        {"campaign": "a\0"},
        {"clicks": -1},
        {"reach": -1},
        {"reach": 2**63},
        {"video_views": -1},
        {"ad_id": "1", "ad": "a\0"},
    ],
)
def test_a_figure_that_no_table_can_hold_is_dead(changes: dict[str, object]) -> None:
    figures, damaged = greatest([item(spend(**changes))])
    assert figures == []
    assert isinstance(damaged[0], Dead)


def test_other_records_are_none_of_its_business() -> None:
    assert greatest([item(credits())]) == ([], {})
