"""JSON in its three shapes, read in pieces; a damaged line takes no other with it."""

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.engine.files import Row, Unreadable, opened
from processors.engine.files.objects import Objects
from tests.unit.engine.files.test_text_and_tables import dripping

ITEMS = [{"a": 1, "b": {"c": [1.5, "x\n"]}}, {"a": "Köln"}]


def read(text: str | bytes) -> Objects:
    data = text if isinstance(text, bytes) else text.encode()
    return Objects(opened(io.BytesIO(data)), ("rows", "batch"))


def items(text: str | bytes) -> list[Any]:
    return [row.item for row in read(text).rows()]


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(ITEMS),
        json.dumps(ITEMS, indent=2),
        json.dumps({"rows": ITEMS}),
        json.dumps({"name": "x", "rows": ITEMS}, indent=1),
        "\n".join(map(json.dumps, ITEMS)),
        "\r\n".join(json.dumps(item, indent=1) for item in ITEMS) + "\r\n\r\n",
        json.dumps(ITEMS).encode("utf-16"),
        json.dumps(ITEMS, ensure_ascii=False).encode("utf-8-sig"),
    ],
)
def test_every_shape_gives_the_same_items(text: str | bytes) -> None:
    assert items(text) == ITEMS


def test_one_object_is_one_row_and_an_empty_array_none() -> None:
    assert items('{"a": 1, "other": [1]}') == [{"a": 1, "other": [1]}]
    assert items("[]") == items('{"rows": []}') == []


def test_what_stands_beside_the_rows_is_known_before_and_named_after_them() -> None:
    found = read('{"name": "x", "n": 3, "rows": [{"a": 1}], "late": {"b": 1}}')
    assert found.beside == {"name": "x", "n": 3}
    assert [row.item for row in found.rows()] == [{"a": 1}]
    assert found.late == ["late"]


def test_a_damaged_line_is_told_and_the_next_goes_on() -> None:
    text = '{"a": 1}\n{"a": \n5\n{"a" 1}\n{"a": NaN}\n{"a": "\x01"}\n{"a": 2}\n{"a'
    found = list(read(text).rows())
    assert [(row.number, row.line, row.item) for row in found if not row.error] == [
        (1, 1, {"a": 1}),
        (7, 7, {"a": 2}),
    ]
    assert [row.line for row in found if row.error] == [2, 3, 4, 5, 6, 8]
    assert found[2].error == "must be an object"


def test_elements_that_are_no_objects_are_rows_that_are_refused() -> None:
    found = list(read('[{"a": 1},\n5, "x", null,\n{"a": 2}]').rows())
    assert [(row.number, row.line, row.error) for row in found] == [
        (1, 1, ""),
        (2, 2, "must be an object"),
        (3, 2, "must be an object"),
        (4, 2, "must be an object"),
        (5, 3, ""),
    ]


@pytest.mark.parametrize(
    ("text", "line", "whole"),
    [
        ('[{"a": 1},\n{"a": 2}', 2, 2),
        ('[{"a": 1},\n{"a": ', 2, 1),
        ('[{"a": 1}\n{"a": 2}]', 2, 1),
        ('[{"a": 1},]', 1, 1),
        ('{"rows": [{"a": 1}]', 1, 1),
        ('[{"a": 1}]\nmore', 2, 1),
        ("[" + '{"a":' * 5_000 + "1", 1, 0),
    ],
)
def test_an_array_that_breaks_off_ends_where_it_does(text: str, line: int, whole: int) -> None:
    found: list[Row] = []
    with pytest.raises(Unreadable) as caught:
        found.extend(read(text).rows())
    assert (caught.value.line, len(found)) == (line, whole)


@pytest.mark.parametrize("text", ["", " \n", "5", '"x"', "hello"])
def test_what_is_neither_objects_nor_an_array_is_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        read(text)


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)


@given(
    objects=st.lists(st.dictionaries(st.text(max_size=3), VALUES, max_size=3), min_size=1),
    shape=st.sampled_from(["array", "wrapped", "lines"]),
    sizes=st.lists(st.integers(1, 7), max_size=80),
)
def test_any_split_of_the_bytes_gives_the_same_items(
    objects: list[dict[str, Any]], shape: str, sizes: list[int]
) -> None:
    text = {
        "array": json.dumps(objects),
        "wrapped": json.dumps({"rows": objects}, ensure_ascii=False),
        "lines": "\n".join(map(json.dumps, objects)),
    }[shape]
    if shape == "lines" and isinstance(objects[0].get("rows"), list):
        return
    data = text.encode("utf-8", "surrogatepass")
    source = Objects(opened(dripping(data, sizes)), ("rows",))
    assert [row.item for row in source.rows()] == objects


def test_a_value_across_many_pieces_and_many_values_in_one_are_read() -> None:
    big = {"a": "x" * 300_000}
    many = [{"a": n} for n in range(30_000)]
    assert items(json.dumps([big, *many, big])) == [big, *many, big]
    found = list(read("\n".join(map(json.dumps, [*many, big]))).rows())
    assert (found[-1].line, found[-1].number) == (30_001, 30_001)


def test_a_value_without_an_end_is_given_up() -> None:
    found = list(read('{"a": "' + "x" * 3_000_000 + '\n{"a": 1}').rows())
    assert [bool(row.error) for row in found] == [True, False]
