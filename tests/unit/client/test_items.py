"""Ids that need no gateway, and values that have no form in JSON."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from processors.client.items import EVENTS, ORDERS, BadItem, Stamper, plain
from tests.unit.gateway.asking import NOW


def test_an_order_has_one_id_whenever_it_is_told() -> None:
    order = {"order_id": 1, "ordered_at": NOW, "revenue": "5", "currency": "EUR"}
    ids = {Stamper(lambda at=at: at).item(ORDERS, order).event_id for at in (1, 2, 3)}  # type: ignore[misc]
    assert len(ids) == 1
    assert Stamper(lambda: 1).item(ORDERS, {**order, "status": "refunded"}).event_id not in ids


@pytest.mark.parametrize("given", ["mine", 17])
def test_an_id_of_the_caller_s_stays(given: object) -> None:
    item = Stamper(lambda: NOW).item(EVENTS, {"event_name": "Lead", "event_id": given})
    assert item.event_id == str(given)
    assert "occurred_at" not in item.json


@pytest.mark.parametrize("junk", ["null", "", "0", None])
def test_an_id_that_the_gateway_would_throw_away_is_replaced(junk: str | None) -> None:
    item = Stamper(lambda: NOW).item(EVENTS, {"event_name": "Lead", "event_id": junk})
    assert item.event_id == Stamper(lambda: NOW).item(EVENTS, {"event_name": "Lead"}).event_id


def test_equal_events_of_one_moment_differ_also_in_the_next() -> None:
    now = NOW
    stamper = Stamper(lambda: now)
    ids = [stamper.item(EVENTS, {"event_name": "Lead"}).event_id for _ in range(3)]
    now += 1
    ids += [stamper.item(EVENTS, {"event_name": "Lead"}).event_id for _ in range(3)]
    assert len(set(ids)) == 6


def test_values_take_the_form_that_the_gateway_reads() -> None:
    when = datetime(2026, 9, 1, 10, tzinfo=UTC)
    said = {"at": when, "price": Decimal("1E+2"), "left_out": None, "list": (1, None, True)}
    assert plain(said, "") == {
        "at": "2026-09-01T10:00:00+00:00", "price": "100", "list": [1, None, True],
    }  # fmt: skip


def _nested() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for _ in range(200):
        found = {"a": found}
    return found


@pytest.mark.parametrize(
    ("said", "field", "error"),
    [
        ({"value": float("nan")}, "value", "is no finite number"),
        ({"value": Decimal("Infinity")}, "value", "is no finite number"),
        ({"occurred_at": datetime(2026, 1, 1)}, "occurred_at", "needs a time zone"),
        ({"url": "\ud800"}, "url", "has half a character, which no UTF-8 has"),
        ({"contents": [{"price": b"1"}]}, "contents[0].price", "cannot be sent as a bytes"),
        ({"properties": {"a": {1, 2}}}, "properties.a", "cannot be sent as a set"),
        ({"properties": {1: 2}}, "properties", "has a key that is no text"),
        ({"order_id": 2**63}, "order_id",
         "is an integer of more than 64 bits; send it as text"),
    ],
)  # fmt: skip
def test_what_cannot_be_sent_is_named(said: dict[str, Any], field: str, error: str) -> None:
    with pytest.raises(BadItem) as caught:
        Stamper(lambda: NOW).item(EVENTS, {"event_name": "Lead", **said})
    assert (caught.value.field, caught.value.error) == (field, error)


def test_what_is_nested_without_end_is_refused() -> None:
    with pytest.raises(BadItem, match="nested too deeply"):
        Stamper(lambda: NOW).item(EVENTS, {"properties": _nested()})
