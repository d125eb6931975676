"""Ids are functions of content: the same everywhere, different for different things."""

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.domain import ids

_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
_part = st.text(alphabet="ab:/|1", max_size=5)


def test_a_content_id_is_the_md5_of_the_canonical_json() -> None:
    item = {"visitor_id": "v1", "name": "Zoë", "n": [1, 2.5, None]}
    text = '{"n":[1,2.5,null],"name":"Zoë","visitor_id":"v1"}'
    assert ids.content_id(item) == hashlib.md5(text.encode()).hexdigest()


@given(st.dictionaries(st.text(), _json, max_size=5))
def test_a_content_id_does_not_depend_on_the_order_of_keys(item: dict[str, object]) -> None:
    reversed_item = dict(reversed(item.items()))
    plain = json.dumps(item, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert ids.content_id(item) == ids.content_id(reversed_item)
    assert ids.content_id(item) == hashlib.md5(plain.encode("utf-8", "surrogatepass")).hexdigest()


def test_a_content_id_exists_for_a_lone_surrogate() -> None:
    assert len(ids.content_id({"name": "\ud800"})) == 32


@given(_part, _part, _part, _part)
def test_touchpoint_ids_keep_the_borders_of_their_parts(a: str, b: str, c: str, d: str) -> None:
    assert (ids.touchpoint_id(a, b) == ids.touchpoint_id(c, d)) == ((a, b) == (c, d))


@given(st.tuples(_part, _part, _part), st.tuples(_part, _part, _part))
def test_conversion_ids_keep_the_borders_of_their_parts(
    one: tuple[str, str, str], two: tuple[str, str, str]
) -> None:
    assert (ids.conversion_id(*one) == ids.conversion_id(*two)) == (one == two)


def test_a_touchpoint_and_a_conversion_never_share_an_id() -> None:
    assert ids.touchpoint_id("t", "1:s:o") != ids.conversion_id("t", "s", "o")


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("123", "123"),
        (" 123 ", "123"),
        (820982911946154508, "820982911946154508"),
        ("gid://shopify/Order/123", "123"),
        ("gid://shopify/OrderIdentity/123", "123"),
        ("GID://Shopify/Order/123?key=abc", "123"),
        ("#1017", "#1017"),
        ("gidget-7", "gidget-7"),
    ],
)
def test_an_order_has_one_id_however_it_is_written(raw: str | int, expected: str) -> None:
    assert ids.normalise_order_id(raw) == expected


@given(st.text(max_size=20))
def test_normalising_an_order_id_twice_changes_nothing(raw: str) -> None:
    once = ids.normalise_order_id(raw)
    assert ids.normalise_order_id(once) == once


@pytest.mark.parametrize(
    ("source", "expected"), [("shopify", "9"), ("api", "9"), ("amazon", "amazon/9")]
)
def test_an_order_of_another_source_carries_its_source(source: str, expected: str) -> None:
    assert ids.order_key(source, "gid://shopify/Order/9") == expected


def test_a_purchase_id_is_the_published_formula() -> None:
    made = ids.purchase_event_id(
        tenant="shop", source="shopify", order_id="gid://shopify/Order/1001", platform="meta"
    )
    assert made == hashlib.sha256(b"shop:1001:meta").hexdigest()[:32]
    other = ids.purchase_event_id(tenant="shop", source="pos", order_id="1001", platform="meta")
    assert other == hashlib.sha256(b"shop:pos/1001:meta").hexdigest()[:32]


def _delivery(event_name: str, *, order_id: str | None, checkout_id: str | None) -> str:
    return ids.event_delivery_id(
        tenant="shop",
        platform="meta",
        event_name=event_name,
        event_id="evt-1",
        order_id=order_id,
        checkout_id=checkout_id,
    )


def test_events_of_one_checkout_do_not_collide() -> None:
    names = ("InitiateCheckout", "AddPaymentInfo", "Purchase")
    assert len({_delivery(name, order_id=None, checkout_id="tok") for name in names}) == 3
    expected = hashlib.sha256(b"shop:tok:meta:AddPaymentInfo").hexdigest()[:32]
    assert _delivery("AddPaymentInfo", order_id=None, checkout_id="tok") == expected


def test_the_order_names_an_event_before_the_checkout_does() -> None:
    expected = hashlib.sha256(b"shop:7:meta:Lead").hexdigest()[:32]
    assert _delivery("Lead", order_id="gid://shopify/Order/7", checkout_id="tok") == expected


def test_an_event_without_order_and_checkout_keeps_the_callers_id() -> None:
    assert _delivery("Lead", order_id=None, checkout_id=None) == "evt-1"


def test_a_retraction_id_names_what_it_takes_back() -> None:
    made = ids.retraction_id(
        tenant="shop", order="1001", platform="meta", kind="refund", suffix="r1"
    )
    assert made == hashlib.sha256(b"shop:1001:meta:refund:r1").hexdigest()[:32]
