"""`POST /api/v1/capi/quality/analyze`: how good server events are, before they are sent.

Takes the bodies of `/api/v1/capi/events/*`, and keeps nothing of them. The same score stands in
the answers of those, for each event that they took.
"""

from typing import Any, Final

from processors.domain.quality.event import POINTS, Analysis, analyse
from processors.gateway import body
from processors.gateway.door import Accepted, Door, Outcome, Rejection
from processors.gateway.exchange import Form, Reply, Request, plain
from processors.gateway.refusal import Refused
from processors.gateway.registry import handler
from processors.gateway.settings import GatewaySettings

WRAPPERS: Final = ("batch", "events", "data")


def _looked_at(request: Request, _: Door, settings: GatewaySettings) -> list[Any]:
    """Nothing to produce: the events are only looked at."""
    request.found.extend(
        body.items(request.body, single=False, wrappers=WRAPPERS, settings=settings)
    )
    return []


def _respond(_: Outcome, door: Door, request: Request, __: int) -> Reply:
    analyses: list[dict[str, Any]] = []
    rejected: list[dict[str, Any]] = []
    for index, item in enumerate(request.found):
        if type(item) is dict:
            found = analyse(item, received_at=door.received_at)
            analyses.append({"index": index, **_shown(item, found)})
        else:
            refused = item if type(item) is Refused else Refused("", "must be an object")
            rejected.append(Rejection(index, refused.field, refused.error).shown())
    answer = {
        "data_quality_score": _mean(analyses, "data_quality_score"),
        "match_quality_score": _mean(analyses, "match_quality_score"),
        "points": POINTS,
        "events": analyses,
        "rejected": rejected,
    }
    return plain(200 if analyses else 422, answer)


_FORM: Final = Form(
    read=_looked_at,
    respond=_respond,
    answers={"200": "the scores, and what would raise them"},
    keeping=False,
)


@handler("/api/v1/capi/quality/analyze", wrappers=WRAPPERS, form=_FORM)
def analyze(_: dict[str, Any], __: Door) -> Accepted:
    """Tell how good server events are, field by field, and keep nothing."""
    raise Refused("", "is only looked at")


def _shown(item: dict[str, Any], found: Analysis) -> dict[str, Any]:
    event_id = item.get("event_id")
    return {
        "event_id": event_id if type(event_id) is str else None,
        "data_quality_score": found.score,
        "match_quality_score": found.match_quality_score,
        "findings": [
            {"field": f.field, "problem": f.problem, "severity": f.severity, "gain": f.gain}
            for f in found.findings
        ],
    }


def _mean(rows: list[dict[str, Any]], name: str) -> float:
    return round(sum(row[name] for row in rows) / len(rows), 1) if rows else 0.0
