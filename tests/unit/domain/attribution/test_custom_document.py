"""The document of a tenant's own model: what it says, and what is refused by the field's name."""

import json
import re
from typing import Any

import pytest

from processors.domain.attribution.custom_document import Ends, HalfLife, model, parse


def test_all_fields_become_whole_numbers() -> None:
    found = parse(
        '{"transform": ["remove_direct", "exposure"], "exclude": ["coupon"],'
        ' "position": {"first": 40, "middle": 0.5, "last": 1.125},'
        ' "channels": {"email": 0.125, "sms": 1e1}, "views": 0.3}'
    )
    assert found is not None
    assert found.transforms == ("remove_direct", "exposure")
    assert found.exclude == {"coupon"}
    assert found.position == Ends(first=40_000, middle=500, last=1_125)
    assert found.channels == {"email": 125, "sms": 10_000}
    assert found.views == 300


def test_what_is_left_out_changes_nothing() -> None:
    found = parse("{}")
    assert found is not None
    assert (found.transforms, found.exclude, found.position) == ((), frozenset(), None)
    assert (found.channels, found.views) == ({}, 1000)


def test_a_half_life_may_be_a_part_of_a_day() -> None:
    found = parse('{"position": {"half_life_days": 0.000001}}')
    assert found is not None
    assert found.position == HalfLife(0.000001)


def test_an_empty_text_is_no_model() -> None:
    assert parse("") is None
    assert parse(" \n") is None


def test_the_version_is_the_texts() -> None:
    one, same, spaced = (model(text) for text in ('{"views": 0}', '{"views": 0}', '{"views":0}'))
    assert one is not None
    assert same is not None
    assert spaced is not None
    assert one.version == same.version != spaced.version
    assert len(one.version) == 12


def test_an_unusable_document_counts_as_none() -> None:
    assert model('{"views": 2}') is None
    assert model("[no JSON") is None


WEIGHT = "must be a number of 0 to 1000, with 3 decimals at most"
MULTIPLIER = "must be a number of 0 to 100, with 3 decimals at most"
DAYS = "must be a number above 0 and of 6 decimals at most, 999999 at most"


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ("[no JSON", "no JSON"),
        ("{" * 30_000, "no JSON"),
        ('{"views": 1e999999999999999999999}', "no JSON"),
        ('{"views": NaN}', "NaN is no number"),
        ('{"views": ' + "9" * 9_999 + "}", "views: must be a number of 0 to 1"),
        ('{"views": 0, "views": 1}', "views stands twice"),
        ('{"exclude": ["' + "x" * 32_768 + '"]}', "longer than 32768 bytes"),
        ([], "must be an object"),
        ({"weight": 1}, "weight: no such field; there are transform, exclude, position"),
        ({"transform": "first"}, "transform: must be a list of at most 4 transforms"),
        ({"transform": ["first"] * 5}, "transform: must be a list of at most 4 transforms"),
        ({"transform": ["frequency"]}, "transform: may hold unique, exposure, first"),
        ({"transform": [["first"]]}, "transform: may hold unique"),
        ({"exclude": "direct"}, "exclude: must be a list of at most 200 channels"),
        ({"exclude": [""]}, "exclude: must be names of channels"),
        ({"exclude": [7]}, "exclude: must be names of channels"),
        ({"exclude": ["x"] * 201}, "exclude: must be a list of at most 200 channels"),
        ({"position": "first"}, "position: must be equal, an object with first, middle, last"),
        ({"position": {"first": 1, "last": 1}}, "position: must be equal, an object with"),
        ({"position": {"half_life_days": 7, "first": 1}}, "position: must be equal"),
        ({"position": {"first": 0, "middle": 0, "last": 0}}, "position: must not be all 0"),
        ({"position": {"first": -1, "middle": 1, "last": 1}}, f"position.first: {WEIGHT}"),
        ({"position": {"first": 1, "middle": 1001, "last": 1}}, f"position.middle: {WEIGHT}"),
        ({"position": {"first": 1, "middle": 1, "last": 0.0001}}, f"position.last: {WEIGHT}"),
        ({"position": {"first": 1, "middle": 1, "last": "1"}}, f"position.last: {WEIGHT}"),
        ({"position": {"half_life_days": 0}}, f"position.half_life_days: {DAYS}"),
        ({"position": {"half_life_days": 1_000_000}}, f"position.half_life_days: {DAYS}"),
        ({"position": {"half_life_days": 0.0000001}}, f"position.half_life_days: {DAYS}"),
        ({"position": {"half_life_days": None}}, f"position.half_life_days: {DAYS}"),
        ({"channels": ["email"]}, "channels: must be an object with at most 200 channels"),
        ({"channels": {"": 1}}, "channels: must name channels"),
        ({"channels": {f"c{n}": 1 for n in range(201)}}, "channels: must be an object"),
        ({"channels": {"email": True}}, f"channels.email: {MULTIPLIER}"),
        ({"channels": {"email": 100.001}}, f"channels.email: {MULTIPLIER}"),
        ({"channels": {"email": 0.1234}}, f"channels.email: {MULTIPLIER}"),
        ({"views": 1.001}, "views: must be a number of 0 to 1, with 3 decimals at most"),
        ({"views": -0.5}, "views: must be a number of 0 to 1, with 3 decimals at most"),
    ],
)
def test_what_no_model_can_say_is_refused_by_the_name_of_the_field(
    document: Any, says: str
) -> None:
    with pytest.raises(ValueError, match=re.escape(says)):
        parse(document if isinstance(document, str) else json.dumps(document))
