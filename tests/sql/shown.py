"""What a view shows over HTTP, beside what the database has of the same tenant."""

from typing import Any

from processors.gateway.analytics import PATH
from processors.gateway.analytics.pages import PAGES
from processors.gateway.analytics.view import View
from tests.unit.gateway.paging import Pages

FIRST, LAST = "2000-01-01", "2100-01-01"


async def compare(pages: Pages, operator: Any, name: str, view: View, key: str, own: str) -> None:
    """A tenant's key finds all the rows of it that the operator finds, each once, and no other's,
    also when it asks by an id of somebody else."""
    source, condition, ids = name, "tenant_id = $1", [""]
    if view.is_function:
        source, condition = f"{name}($1, {_arguments(view)})", "true"
    if view.needs:
        ids = [row[0] for row in await operator.fetch(f"SELECT DISTINCT {view.needs} FROM {name}")]
    expected = seen = 0
    for one in ids:
        count = f"SELECT count(*) FROM {source} WHERE {condition}"
        if view.needs:
            count += f" AND {view.needs} = '{one}'"
        rows = await pages.shown(_question(name, view, one), key)
        assert view.is_function or {row["tenant_id"] for row in rows} <= {own}, name
        keys = [key.removeprefix("-") for key in (view.date, *view.keys) if key]
        assert len({tuple(row[key] for key in keys) for row in rows}) == len(rows), name
        expected += min(1_000, await operator.fetchval(count, own))
        seen += len(rows)
        if seen and len(ids) > 20:
            break
    assert seen == expected > 0, name


def _question(name: str, view: View, one: str) -> str:
    asked = ["limit=1000", *(f"{column}=*" for column in view.assumed)]
    if view.is_dated:
        asked += [f"from={FIRST}", f"to={LAST}"]
    if view.needs:
        asked.append(f"{view.needs}={one}")
    page = next((page for page, views in PAGES.items() if name in views), "")
    if page:
        asked.append(f"view={name}")
    return f"{PATH}/{page or name}?{'&'.join(asked)}"


def _arguments(view: View) -> str:
    said = {option.parameter: option.default for option in view.options.values()}
    said |= {"first_date": FIRST, "last_date": LAST}
    if view.most:
        said[view.most] = "1000"
    return ", ".join(f"{name} => '{value}'" for name, value in said.items())
