"""The statement for a question: every name in it is one of the list of views or a column that the
database has, and what was said is an argument."""

from collections.abc import Mapping
from typing import Any, Final

from processors.gateway.analytics.asking import Question, moments
from processors.gateway.analytics.view import View

_DATE: Final = "date"
_CASTS: Final = {"repeats": "::text::boolean"}


def composed(
    name: str, view: View, types: Mapping[str, str], tenant: str, asked: Question
) -> tuple[str, list[Any]]:
    """The statement and its arguments; it finds one row more than is asked for, if there are."""
    given: list[Any] = [tenant]

    def argument(value: Any) -> str:
        given.append(value)
        return f"${len(given)}"

    if view.is_function:
        source, conditions = _called(name, view, asked, argument), []
    else:
        # The policies ask for the tenant, too; said here it reaches the indexes of every view.
        source, conditions = name, ["tenant_id = $1"]
    conditions += [f'"{column}" = {argument(value)}' for column, value in asked.filters.items()]
    if view.date and not view.is_function:
        dated = types[view.date] == _DATE
        first, last = (asked.first, asked.last) if dated else moments(asked)
        end = "<=" if dated else "<"
        conditions += [
            f'"{view.date}" >= {argument(first)}', f'"{view.date}" {end} {argument(last)}',
        ]  # fmt: skip
    order = [f'"{view.date}" DESC'] if view.date else []
    order += [f'"{key[1:]}" DESC' if key.startswith("-") else f'"{key}"' for key in view.keys]
    statement = f"SELECT * FROM {source}"  # noqa: S608 (see above)
    if conditions:
        statement += f" WHERE {' AND '.join(conditions)}"
    if order:
        statement += f" ORDER BY {', '.join(order)}"
    statement += f" LIMIT {argument(asked.limit + 1)} OFFSET {argument(asked.offset)}"
    return statement, given


def _called(name: str, view: View, asked: Question, argument: Any) -> str:
    """A call of the function, its tenant first and all others by their names."""
    said: dict[str, Any] = {"first_date": asked.first, "last_date": asked.last}
    said |= {view.options[key].parameter: value for key, value in asked.options.items()}
    if view.most:
        said[view.most] = asked.offset + asked.limit + 1
    parts = [f"{key} => {argument(value)}{_CASTS.get(key, '')}" for key, value in said.items()]
    return f"{name}($1, {', '.join(parts)})"
