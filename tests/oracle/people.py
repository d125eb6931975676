"""Whose a conversion is, which of a person's conversions is the first, and its served row."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from tests.oracle.fold import Conversion
from tests.oracle.graph import Graph
from tests.oracle.nodes import strength

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def person_of(conversion: Conversion, graph: Graph) -> str | None:
    """The person of its strongest id that is not quarantined."""
    for node in sorted(conversion.nodes, key=strength):
        if owner := graph.owner(node):
            return owner
    return None


def first_purchases(owned: list[tuple[Conversion, str | None]]) -> set[str]:
    """The ids of those conversions that are their person's first."""
    first: dict[str, tuple[int, str]] = {}
    for conversion, person in owned:
        if person and conversion.ready and conversion.status != "cancelled":
            when = (conversion.converted_at, conversion.id)
            first[person] = min(when, first.get(person, when))
    return {conversion_id for _, conversion_id in first.values()}


def local_date(ms: int, time_zone: str) -> str:
    """The calendar day of a moment in a time zone."""
    return (_EPOCH + timedelta(milliseconds=ms)).astimezone(ZoneInfo(time_zone)).date().isoformat()
