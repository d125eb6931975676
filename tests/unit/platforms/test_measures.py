"""What a row of a report says: numbers of every spelling, and what is none."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from processors.platforms import measures
from processors.platforms.spending import Figure, Unusable


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("12.30", "12.30"), (12.3, "12.3"), (0, "0"), ("0.000001", "0.000001"), (None, None),
        ("", None), ("-", None),
    ],
)  # fmt: skip
def test_a_number_is_read_exactly_and_a_dash_is_none(said: Any, number: str | None) -> None:
    assert measures.number({"x": said}, "x") == (None if number is None else Decimal(number))


@pytest.mark.parametrize(
    ("said", "units"), [(12_300_000, "12.3"), ("1", "0.000001"), (7e6, "7"), (0, "0")]
)
def test_millionths_are_divided(said: Any, units: str) -> None:
    assert str(measures.micros({"x": said}, "x")) == units


@pytest.mark.parametrize("said", ["many", "NaN", "Infinity", "-1", True, "1e99", [], {}])
def test_what_is_no_plausible_number_is_named_by_its_field(said: Any) -> None:
    with pytest.raises(Unusable, match="spend is no"):
        measures.number({"spend": said}, "spend")


def test_a_count_is_whole_an_id_is_there_and_a_currency_exists() -> None:
    row = {"half": "1.5", "id": "", "currency": "QQQ"}
    for read, name in (
        (measures.count, "half"), (measures.identity, "id"), (measures.currency, "currency"),
    ):  # fmt: skip
        with pytest.raises(Unusable, match=name):
            read(row, name)
    assert measures.needed(Decimal(0), "x") == 0
    with pytest.raises(Unusable, match="x is missing"):
        measures.needed(None, "x")


@pytest.mark.parametrize("said", ["2026-08-31", "2026-09-03T00:00:00Z", "yesterday", None, 7])
def test_a_day_is_one_of_those_that_were_asked_for(said: Any) -> None:
    since, until = date(2026, 9, 1), date(2026, 9, 2)
    assert measures.day({"x": "2026-09-02 00:00:00"}, "x", since=since, until=until) == until
    with pytest.raises(Unusable, match="x is"):
        measures.day({"x": said}, "x", since=since, until=until)


@pytest.mark.parametrize(
    "name", ["impressions", "clicks", "reach", "video_views", "conversions", "view_conversions"]
)
def test_a_day_without_spend_on_which_anything_happened_says_something(name: str) -> None:
    nothing = Figure(date=date(2026, 9, 1), currency="EUR", amount=Decimal(0), campaign_id="1")
    assert not measures.says_something(nothing)
    told: dict[str, Any] = {name: 1}
    assert measures.says_something(replace(nothing, **told))
