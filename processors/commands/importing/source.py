"""The rows of a file, whatever it is: CSV, JSON, JSON lines, Parquet; which kind of rows they
are; and what of them the gateway is given."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from io import TextIOBase
from pathlib import Path
from types import MappingProxyType
from typing import Final

from processors.commands.importing import parquet, shopify
from processors.commands.operator import Refused
from processors.domain.columns import ORDERS, TOUCHES, Lost, neutral, plain
from processors.domain.spend_columns import SINGLE, meaning, of_spend, tells_spend
from processors.engine.files import Row, Unreadable, opened
from processors.engine.files.objects import Objects
from processors.engine.files.table import Table

TOUCH, ORDER, SPEND, SHOPIFY = "touches", "orders", "spend", "shopify"
WRAPPERS: Final = ("touchpoints", "orders", "spend", "rows", "data", "batch")
_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})
_PARQUET: Final = frozenset({".parquet", ".pq"})
_JSON: Final = frozenset({".json", ".jsonl", ".ndjson"})


@dataclass(slots=True)
class Source:
    """Rows that are ready to be posted, how far the file has been read, and of how much."""

    kind: str
    rows: Iterator[Row]
    position: Callable[[], int]
    size: int
    close: Callable[[], None]


def source(path: Path, kind: str, given: Mapping[str, str] = _NOTHING) -> Source:
    """Open the file; `given` is what rows of spend are of that do not say so themselves.

    Raises:
        Refused: when it cannot be read, or nothing tells which kind of rows it holds.
    """
    if path.suffix.lower() in _PARQUET or _begins(path, b"PAR1"):
        names, size, rows, position, close = parquet.rows(path)
    else:
        size = path.stat().st_size
        file = path.open("rb")
        position, close = file.tell, file.close
        try:
            text = opened(file)
            close = text.close
            names, rows = _text(text, path)
        except Unreadable as unreadable:
            close()
            raise Refused(f"{path}: {unreadable}") from None
    try:
        found = _kind(names) if kind == "auto" else kind
        if found == SHOPIFY or (found == ORDER and shopify.is_export(names)):
            return Source(ORDER, shopify.orders(rows), position, size, close)
        _complete(found, names, given)
    except Refused:
        close()
        raise
    if found == SPEND:
        return Source(found, (_of_spend(row, given) for row in rows), position, size, close)
    meant = ORDERS if found == ORDER else TOUCHES
    ready = (_neutral(row, meant, found) for row in rows)
    return Source(found, ready, position, size, close)


def _text(text: TextIOBase, path: Path) -> tuple[set[str], Iterator[Row]]:
    """Names of what the rows have (of the first row, for JSON), and the rows."""
    head = text.read(4_096).lstrip()[:1]
    text.seek(0)
    if head in ("[", "{") or path.suffix.lower() in _JSON:
        rows = Objects(text, WRAPPERS).rows()
        first = next(rows, None)
        names = set(first.item) if first is not None and first.item else set()
        return names, _again(first, rows)
    table = Table(text, _known)
    return {name for _, name in table.header.cells}, table.rows()


def _again(first: Row | None, rows: Iterator[Row]) -> Iterator[Row]:
    if first is not None:
        yield first
    yield from rows


def _begins(path: Path, mark: bytes) -> bool:
    with path.open("rb") as file:
        return file.read(len(mark)) == mark


def _known(name: str) -> str | None:
    """The name itself, if it means something to anyone."""
    bare = plain(name)
    known = bare in ORDERS or bare in TOUCHES or bare in shopify.COLUMNS or meaning(name)
    return name.strip() if known else None


def _meant(names: set[str], meanings: Mapping[str, str]) -> set[str]:
    return {meanings[plain(name)] for name in names if plain(name) in meanings}


def _kind(names: set[str]) -> str:
    if shopify.is_export(names):
        return SHOPIFY
    if {"order_id", "revenue"} <= _meant(names, ORDERS):
        return ORDER
    if tells_spend(names):
        return SPEND
    if "occurred_at" in _meant(names, TOUCHES):
        return TOUCH
    raise Refused(
        "neither orders (order_id, ordered_at, revenue, currency) nor touches (visitor_id,"
        " occurred_at) nor spend (date, platform, spend, currency) by the names of their columns;"
        " give --kind"
    )


def _complete(kind: str, names: set[str], given: Mapping[str, str]) -> None:
    """Without these no row can be taken; a JSON file's rows may differ, so only none is one."""
    needed: tuple[str, ...] = ("occurred_at",)
    has = _meant(names, ORDERS if kind == ORDER else TOUCHES)
    if kind == ORDER:
        needed = ("order_id", "ordered_at", "revenue", "currency")
    elif kind == SPEND:
        needed = ("date", "platform", "currency", "amount")
        has = set(of_spend(dict.fromkeys(names, "0"), given))
        if single := sorted(SINGLE & {plain(name) for name in names}):
            raise Refused(
                f"rows of spend are of a day and a campaign, or a publisher, not of single sales"
                f" ({single[0]}): export a report by day"
            )
    if names and (missing := [name for name in needed if name not in has]):
        raise Refused(f"for {kind} the file has no column {', no column '.join(missing)}")


def _neutral(row: Row, meant: Mapping[str, str], kind: str) -> Row:
    if row.error:
        return row
    try:
        item = neutral(row.item, meant)
    except Lost as lost:
        return Row(row.number, row.line, error=f"{lost.field} {lost}")
    # Without a time of its own a touch would be another one whenever it is sent again.
    if kind == TOUCH and "occurred_at" not in item:
        return Row(row.number, row.line, error="occurred_at is required")
    return Row(row.number, row.line, item)


def _of_spend(row: Row, given: Mapping[str, str]) -> Row:
    if row.error:
        return row
    try:
        return Row(row.number, row.line, of_spend(row.item, given))
    except Lost as lost:
        return Row(row.number, row.line, error=f"{lost.field} {lost}")
