"""One parameter of a query is what a reader of all of them finds."""

from urllib.parse import parse_qs, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.gateway.query import first, values, without

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)


@given(pairs=st.lists(st.tuples(st.sampled_from(["key", "monkey", "k", "tenant"]), TEXT)))
def test_the_values_are_those_that_were_said_in_order(pairs: list[tuple[str, str]]) -> None:
    query = urlencode(pairs).encode()
    said = [value for name, value in pairs if name == "key"]

    assert values(query, b"key") == said
    assert first(query, b"key") == next((value for value in said if value), "")


@given(query=st.text("key=&%+;4é", max_size=30).map(lambda text: text.encode("latin-1")))
def test_any_bytes_are_read_as_the_standard_library_reads_them(query: bytes) -> None:
    found = parse_qs(query.decode("latin-1"), keep_blank_values=True)

    assert values(query, b"key") == found.get("key", [])


@pytest.mark.parametrize(
    ("query", "left"),
    [(b"key=1&a=2&key=3", b"a=2"), (b"a=2&monkey=1", b"a=2&monkey=1"), (b"key", b""), (b"", b"")],
)
def test_a_query_without_its_key_keeps_the_rest_as_it_is(query: bytes, left: bytes) -> None:
    assert without(query, frozenset({b"key"})) == left
