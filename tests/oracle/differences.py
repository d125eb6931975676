"""Where two readings of the served tables differ, in words that point at the row."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from operator import itemgetter

from tests.oracle.retractions import TAKES, TakenBack
from tests.oracle.tables import COLUMNS, KEY_LENGTH, Served
from tests.oracle.words import Row

_SHOWN = 5


def diff(expected: Served, found: Served) -> list[str]:
    """Nothing when they are equal; else, for each table, how many rows differ and the first few.

    Deliveries are right when every expected one was found, and nothing that may not be;
    retractions when their amounts are right besides.
    """
    lines: list[str] = []
    for table in COLUMNS:
        if table == "deliveries":
            missing = set(expected[table]) - set(found[table])
            surplus = set(found[table]) - expected.deliveries_may - set(expected[table])
            lines += _listed(table, _one_sided(table, missing, surplus))
        elif table == "retractions":
            lines += _listed(table, _retracted(expected, found[table]))
        elif expected[table] != found[table]:
            lines += _listed(table, _changed(table, expected[table], found[table]))
    return lines


def fingerprint(served: Served) -> dict[str, str]:
    """One SHA-256 a table."""
    return {
        table: hashlib.sha256("\n".join(map(repr, served[table])).encode()).hexdigest()
        for table in COLUMNS
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
    length, columns = KEY_LENGTH[table], COLUMNS[table]
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


def _retracted(expected: Served, found: list[Row]) -> list[str]:
    """What is wrong with what was taken back, by itself and of each order in all."""
    columns, length = COLUMNS["retractions"], KEY_LENGTH["retractions"]
    missing = set(expected["retractions"]) - {row[:length] for row in found}
    of = {(b.tenant, b.platform, *name): (b, value) for b in expected.taken_back
          for name, value in b.may.items()}  # fmt: skip
    lines = _one_sided("retractions", missing, (row for row in found if row[:length] not in of))
    told: dict[int, list[Row]] = defaultdict(list)
    for n, row in enumerate(found):
        if n and row[:length] == found[n - 1][:length]:
            lines.append(f"  twice: {_named(columns, row)}")
        if row[-1]:
            lines.append(f"  before its purchase: {_named(columns, row)}")
        if row[:length] in of:
            back, value = of[row[:length]]
            told[id(back)].append(row)
            if value not in (None, row[length]):
                lines.append(f"  {_named(columns, row)}: expected a value of {value}")
    for back in expected.taken_back:
        lines += _summed(back, sorted(told[id(back)], key=itemgetter(length + 1)))
    return lines


def _summed(back: TakenBack, told: list[Row]) -> list[str]:
    """What all that was told of an order comes to; `told` as it was told."""
    values = [(row[3], row[4]) for row in told]
    adjusts = [value for kind, value in values if kind == "adjust"]
    named = f"  order {back.order} of {back.tenant} at {back.platform}"
    if "adjust" in TAKES.get(back.platform, ()):
        if back.worth is not None and adjusts and adjusts[-1] != back.worth:
            return [f"{named}: last said to be worth {adjusts[-1]}, expected {back.worth}"]
        return []
    total = sum(value or 0 for _, value in values)
    if back.least <= total <= back.most:
        return []
    return [f"{named}: {total} taken back, expected {back.least} to {back.most}"]


def _one_sided(table: str, missing: Iterable[Row], surplus: Iterable[Row]) -> list[str]:
    columns = COLUMNS[table]
    return [
        *(f"  missing: {_named(columns, row)}" for row in sorted(missing, key=repr)),
        *(f"  surplus: {_named(columns, row)}" for row in sorted(surplus, key=repr)),
    ]


def _named(columns: tuple[str, ...], row: Row) -> str:
    return ", ".join(f"{c}={v!r}" for c, v in zip(columns, row, strict=False) if v is not None)
