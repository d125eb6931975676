"""A difference is told in words that point at the row, and a log is read as the contract says."""

from tests.oracle.differences import diff, fingerprint
from tests.oracle.log import decoded
from tests.unit.oracle.logs import order, rows, tables, touch


def test_equal_tables_have_nothing_to_say() -> None:
    assert diff(tables(order()), tables(order())) == []


def test_a_changed_value_is_named_with_its_row() -> None:
    lines = diff(tables(order()), tables(order(gross=1)))
    assert any("conversion_id=" in line and "revenue 1, expected 10000" in line for line in lines)


def test_missing_and_surplus_rows_are_shown_and_the_rest_is_counted() -> None:
    clicks = [touch(str(n), gclid=str(n)) for n in range(9)]
    lines = diff(tables(*clicks), tables(touch("other")))
    assert lines[0] == "touchpoints: 10 rows differ"
    assert sum("missing: " in line for line in lines[1:6]) == 5
    assert lines[6] == "  ... and 5 more"


def test_a_row_that_comes_twice_is_noticed() -> None:
    expected, found = tables(order()), tables(order())
    found.tables["conversions"].append(found["conversions"][0])
    assert any("twice" in line for line in diff(expected, found))


def test_deliveries_are_judged_by_must_and_may() -> None:
    expected = tables(order(), connections=("meta",))
    found = tables(order(), connections=("meta",))
    found.tables["deliveries"] = [("acme", "meta", "stray")]
    lines = diff(expected, found)
    assert len(lines) == 3
    assert any("surplus" in line and "stray" in line for line in lines)


def test_a_fingerprint_changes_with_its_table_alone() -> None:
    before, after = (
        fingerprint(tables(order())),
        fingerprint(tables(order(), touch("z", ago=-9_999))),
    )
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"touchpoints", "unattributed"}  # its reason: no_touch before


def test_bytes_that_are_no_record_have_no_effect() -> None:
    good = order()[1].model_dump_json().encode()
    read = list(decoded("orders.v1", [b"", b"{", b"[]", b'{"order_id": "1"}', good]))
    assert [record["order_id"] for record in read] == ["1"]
    assert rows(tables(order()), "conversions")[0]["order_id"] == "1"
