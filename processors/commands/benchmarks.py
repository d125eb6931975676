"""`benchmark import`, `drop`: what a publication says that others reach, for a tenant to read."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Final, Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

import sql
from processors.commands.operator import Refused, database, must_exist
from processors.domain.benchmarks import IN_MONEY, METRICS, OF_PLATFORM
from processors.domain.money import is_currency
from processors.engine.files import Row, Unreadable, opened
from processors.engine.files.objects import Objects
from processors.engine.files.table import Table

QUERIES: Final = sql.load("benchmarks")
OWN: Final = "installation"
_JSON: Final = frozenset({".json", ".jsonl", ".ndjson"})
_WRAPPERS: Final = ("benchmarks", "rows", "data")

Figure = Annotated[Decimal, Field(allow_inf_nan=False, max_digits=18, decimal_places=9)]
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]


class Benchmark(BaseModel):
    """A row of a file: quartiles of a metric over shops of an industry in a period."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    industry: Name
    metric: str
    platform: Name | None = None
    currency: str = ""
    period_start: date
    period_end: date
    p25: Figure | None = None
    p50: Figure
    p75: Figure | None = None
    tenants: int = Field(ge=1, le=10_000_000)

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if self.metric not in METRICS:
            raise ValueError(f"metric is one of {', '.join(sorted(METRICS))}")
        if (self.platform is not None) != (self.metric in OF_PLATFORM):
            raise ValueError(f"{self.metric} is of a platform, or of none")
        if self.metric in IN_MONEY and not is_currency(self.currency):
            raise ValueError(f"{self.metric} needs a currency of ISO 4217")
        if self.metric not in IN_MONEY and self.currency:
            raise ValueError(f"{self.metric} has no currency")
        told = [one for one in (self.p25, self.p50, self.p75) if one is not None]
        if told != sorted(told):
            raise ValueError("p25, p50 and p75 go upwards")
        if self.period_end < self.period_start:
            raise ValueError("period_end is before period_start")
        return self

    @property
    def key(self) -> tuple[object, ...]:
        """What it is of."""
        period = (self.period_start, self.period_end)
        return self.industry, self.metric, self.platform, self.currency, *period

    def document(self) -> dict[str, Any]:
        """As the table has it."""
        return {**self.model_dump(mode="json"), "platform": self.platform or ""}


async def load(tenant: str, path: Path, *, source: str) -> int:
    """Take a file (CSV, JSON, JSON lines) whole, in the place of what the source said before; how
    many rows.

    Raises:
        Refused: naming the line that cannot be taken, and why; then nothing is.
    """
    rows = read(path)
    text = TypeAdapter(list[dict[str, Any]]).dump_json([row.document() for row in rows]).decode()
    async with database() as db, db.transaction() as conn:
        await must_exist(conn, tenant)
        await conn.execute(QUERIES["drop_imported"], tenant, checked(source))
        await conn.execute(QUERIES["put_imported"], tenant, source, text)
    return len(rows)


def read(path: Path) -> list[Benchmark]:
    """The rows of a file.

    Raises:
        Refused: naming the line that cannot be taken, and why.
    """
    rows: dict[tuple[object, ...], Benchmark] = {}
    for row in _rows(path):
        found = _read(row)
        if rows.setdefault(found.key, found) is not found:
            raise Refused(f"line {row.line}: {found.metric} of that period is told twice")
    if not rows:
        raise Refused(f"{path}: no benchmark is in it")
    return list(rows.values())


async def drop(tenant: str, *, source: str) -> int:
    """Forget what a source said; how many rows.

    Raises:
        Refused: if it has said nothing.
    """
    async with database() as db, db.transaction() as conn:
        told = await conn.execute(QUERIES["drop_imported"], tenant, checked(source))
    count = int(told.rpartition(" ")[2])
    if not count:
        raise Refused(f"{tenant} has no benchmarks of {source}")
    return count


def checked(source: str) -> str:
    """The name of a source.

    Raises:
        Refused: for one that cannot be any, or is this installation's.
    """
    try:
        TypeAdapter(Name).validate_python(source)
    except ValidationError:
        raise Refused(f"{source!r}: lower-case letters, digits, - and _, 63 at most") from None
    if source == OWN:
        raise Refused(f"{OWN} is what the tenants here reach; call the import something else")
    return source


def _rows(path: Path) -> Iterator[Row]:
    try:
        with path.open("rb") as file, opened(file) as text:
            head = text.read(4_096).lstrip()[:1]
            text.seek(0)
            if head in ("[", "{") or path.suffix.lower() in _JSON:
                yield from Objects(text, _WRAPPERS).rows()
            else:
                yield from Table(text, _known).rows()
    except (OSError, Unreadable) as error:
        raise Refused(f"{path}: {error}") from None


def _known(name: str) -> str | None:
    plain = name.strip().lower()
    return plain if plain in Benchmark.model_fields else None


def _read(row: Row) -> Benchmark:
    if row.error:
        raise Refused(f"line {row.line}: {row.error}")
    try:
        return Benchmark.model_validate(row.item)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(map(str, first["loc"]))
        raise Refused(f"line {row.line}: {field}{': ' if field else ''}{first['msg']}") from None
