"""Benchmarks out of a publication's file."""

import json
from pathlib import Path

import asyncpg
import pytest

from processors.commands import benchmarks
from processors.commands.operator import Refused
from processors.commands.tenants import add

HEADER = "industry,metric,platform,currency,period_start,period_end,p25,p50,p75,tenants\n"
GOOD = (
    "toys,aov,,EUR,2026-01-01,2026-03-31,41.5,55,80,900\n"
    "toys,ctr,meta,,2026-01-01,2026-03-31,,0.011,,900\n"
)


async def test_a_file_replaces_what_its_source_said_before_and_nothing_else(
    database: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATABASE_URL", database)
    await add("acme")
    csv, lines = tmp_path / "report.csv", tmp_path / "report.jsonl"
    csv.write_text(HEADER + GOOD)
    assert await benchmarks.load("acme", csv, source="report") == 2
    assert await benchmarks.load("acme", csv, source="other") == 2
    row = {
        "industry": "toys", "metric": "mer", "period_start": "2026-01-01",
        "period_end": "2026-01-31", "p50": 3.5, "tenants": 40,
    }  # fmt: skip
    lines.write_text(json.dumps(row))
    assert await benchmarks.load("acme", lines, source="report") == 1
    conn = await asyncpg.connect(database)
    try:
        rows = await conn.fetch(
            "SELECT source, metric, platform, currency, p25, p50::text, tenants"
            " FROM attribution_benchmarks ORDER BY source, metric"
        )
        assert [tuple(one)[:4] for one in rows] == [
            ("other", "aov", "", "EUR"), ("other", "ctr", "meta", ""), ("report", "mer", "", ""),
        ]  # fmt: skip
        assert tuple(rows[2])[4:] == (None, "3.5", 40)
        assert await benchmarks.drop("acme", source="other") == 2
        with pytest.raises(Refused, match="has no benchmarks of other"):
            await benchmarks.drop("acme", source="other")
    finally:
        await conn.close()


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("toys,clicks,,,2026-01-01,2026-01-31,1,2,3,9", "line 4: .*metric is one of aov"),
        ("toys,roas,,,2026-01-01,2026-01-31,1,2,3,9", "roas is of a platform"),
        ("toys,aov,,,2026-01-01,2026-01-31,1,2,3,9", "aov needs a currency"),
        ("toys,mer,,USD,2026-01-01,2026-01-31,1,2,3,9", "mer has no currency"),
        ("toys,mer,,,2026-01-01,2026-01-31,3,2,1,9", "go upwards"),
        ("toys,mer,,,2026-02-01,2026-01-31,1,2,3,9", "before period_start"),
        ("toys,mer,,,2026-01-01,2026-01-31,1,2,3,", "tenants: Field required"),
        ("toys,mer,,,2026-01-01,2026-01-31,1,NaN,3,9", "p50"),
        (GOOD.splitlines()[1], "line 4: ctr of that period is told twice"),
    ],
)
def test_a_file_with_a_line_that_cannot_be_taken_is_refused_by_that_line(
    tmp_path: Path, line: str, why: str
) -> None:
    path = tmp_path / "report.csv"
    path.write_text(f"{HEADER}{GOOD}{line}\n")
    with pytest.raises(Refused, match=why):
        benchmarks.read(path)


def test_the_tenants_of_the_installation_are_no_publication() -> None:
    for name in ("installation", "Über", ""):
        with pytest.raises(Refused):
            benchmarks.checked(name)
