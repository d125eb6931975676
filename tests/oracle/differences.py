"""Where two readings of the served tables differ, in words that point at the row."""

import hashlib
from collections.abc import Iterable

from tests.oracle.tables import COLUMNS_OF, KEY_LENGTH, KEY_LENGTH_OF, Served
from tests.oracle.taken import wrongly_taken
from tests.oracle.words import Row

_SHOWN = 5
_WHAT_WAS_TOLD = KEY_LENGTH["retractions"] + 1
"""Key and value; when and how often differs from run to run."""


def diff(expected: Served, found: Served) -> list[str]:
    """Nothing when they are equal; else, for each table, how many rows differ and the first few.

    Deliveries are right when every expected one was found, and nothing that may not be;
    retractions when their sums and last values are right besides.
    """
    lines: list[str] = []
    if expected.tables.keys() != found.tables.keys():
        one = sorted(expected.tables.keys() ^ found.tables.keys())
        lines.append(f"on one side only: {', '.join(one)}")
    for table in [name for name in expected.tables if name in found.tables]:
        if table == "deliveries":
            missing = set(expected[table]) - set(found[table])
            surplus = set(found[table]) - expected.deliveries_may - set(expected[table])
            lines += _listed(table, _one_sided(table, missing, surplus))
        elif table == "retractions":
            lines += _listed(table, _retracted(expected, found))
        elif expected[table] != found[table]:
            lines += _listed(table, _changed(table, expected[table], found[table]))
    return lines


def fingerprint(served: Served) -> dict[str, str]:
    """One SHA-256 a table."""
    rows = served.tables | {"retractions": _what_was_told(served)}
    return {
        table: hashlib.sha256("\n".join(map(repr, rows[table])).encode()).hexdigest()
        for table in rows
    }


def _listed(table: str, differences: list[str]) -> list[str]:
    if not differences:
        return []
    more = len(differences) - _SHOWN
    return [
        f"{table}: {len(differences)} rows differ",
        *differences[:_SHOWN],
        *([f"  ... and {more} more"] if more > 0 else []),
    ]


def _changed(table: str, expected: list[Row], found: list[Row]) -> list[str]:
    """Rows on one side only, the values that changed, and rows that come more than once."""
    length, columns = KEY_LENGTH_OF[table], COLUMNS_OF[table]
    wanted = {row[:length]: row for row in expected}
    given = {row[:length]: row for row in found}
    lines = [
        f"  twice: {_named(columns, row)}"
        for n, row in enumerate(found[1:])
        if row[:length] == found[n][:length]
    ]
    for key in sorted(wanted.keys() & given.keys(), key=repr):
        if wanted[key] != given[key]:
            changes = [
                f"{column} {given[key][n]!r}, expected {wanted[key][n]!r}"
                for n, column in enumerate(columns)
                if given[key][n] != wanted[key][n]
            ]
            lines.append(f"  {_named(columns, key)}: {'; '.join(changes)}")
    missing = (wanted[key] for key in wanted.keys() - given.keys())
    surplus = (given[key] for key in given.keys() - wanted.keys())
    return lines + _one_sided(table, missing, surplus)


def _retracted(expected: Served, found: Served) -> list[str]:
    """By the bounds of an expectation; of two readings the second must tell what the first does."""
    if expected.taken_back is not None:
        return wrongly_taken(expected.taken_back, found)
    before, after = set(_what_was_told(expected)), set(_what_was_told(found))
    return _one_sided("retractions", before - after, after - before)


def _what_was_told(served: Served) -> list[Row]:
    return [row[:_WHAT_WAS_TOLD] for row in served["retractions"]]


def _one_sided(table: str, missing: Iterable[Row], surplus: Iterable[Row]) -> list[str]:
    columns = COLUMNS_OF[table]
    return [
        *(f"  missing: {_named(columns, row)}" for row in sorted(missing, key=repr)),
        *(f"  surplus: {_named(columns, row)}" for row in sorted(surplus, key=repr)),
    ]


def _named(columns: tuple[str, ...], row: Row) -> str:
    return ", ".join(f"{c}={v!r}" for c, v in zip(columns, row, strict=False) if v is not None)
