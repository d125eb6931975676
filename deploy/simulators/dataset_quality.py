"""Meta's Dataset Quality of what a pixel has sent: `GET /{version}/dataset_quality`. The scores are
of our own making, the form is Meta's; an event that was never sent has none."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from deploy.simulators.ledger import Accepted
from deploy.simulators.refused import Refused

PATHS: Final = ("/{version}/dataset_quality",)
IDENTIFIERS: Final = {
    "email": ("em", 3.5),
    "phone": ("ph", 2.5),
    "external_id": ("external_id", 1.5),
    "fbc": ("fbc", 1.0),
    "fbp": ("fbp", 0.5),
    "ip_address": ("client_ip_address", 0.5),
    "user_agent": ("client_user_agent", 0.5),
}
"""By name: the key in `user_data`, and what of ten points it is worth."""


def answer(request: Request, accepted: Iterable[Accepted]) -> Response:
    """What the pixel's accepted events are worth.

    Raises:
        Refused: without a dataset or the fields of the web.
    """
    dataset = request.query_params.get("dataset_id", "")
    if not dataset:
        raise Refused("dataset_id is required")
    if not request.query_params.get("fields", "").startswith("web{"):
        raise Refused("fields must name web")
    people: defaultdict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for event in accepted:
        if event.account == dataset:
            people[event.event_name].append(event.payload["user_data"])
    return JSONResponse({"web": [_scored(name, who) for name, who in people.items()]})


def _scored(name: str, people: list[Mapping[str, Any]]) -> dict[str, Any]:
    shares = {
        identifier: sum(key in person for person in people) / len(people)
        for identifier, (key, _) in IDENTIFIERS.items()
    }
    score = sum(share * IDENTIFIERS[identifier][1] for identifier, share in shares.items())
    return {
        "event_name": name,
        "event_match_quality": {
            "composite_score": round(score, 1),
            "match_key_feedback": [
                {"identifier": identifier, "coverage": {"percentage": round(100 * share, 1)}}
                for identifier, share in shares.items()
                if share
            ],
        },
    }
