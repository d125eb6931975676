"""What became of requests that the Data Manager API took, for whoever asks for their status."""

from collections import Counter
from dataclasses import dataclass
from typing import Any, Final
from uuid import uuid4

from deploy.simulators.google_ads_errors import Violation, ingestion

_PREFIX: Final = "PROCESSING_ERROR_REASON_"

Destination = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Taken:
    """A request: of each destination, why each event was refused later, or None."""

    owner: str
    at: float
    destinations: list[tuple[Destination, list[str | None]]]


class Statuses:
    """The requests by their ids. Those that were only checked have no status."""

    def __init__(self) -> None:
        self._taken: dict[str, Taken] = {}
        self.late: dict[str, str] = {}
        self.processing_seconds = 0.0

    def unkept(self) -> str:
        """An id of a request without a status."""
        return str(uuid4())

    def keep(
        self, found: list[tuple[Destination, list[str | None]]], *, owner: str, now: float
    ) -> str:
        """The id of a request."""
        request_id = self.unkept()
        self._taken[request_id] = Taken(owner, now, found)
        return request_id

    def told(self, request_id: str, *, owner: str, now: float) -> dict[str, Any]:
        """The status of a request.

        Raises:
            Refused: for an id that this owner was never given, or of a request that was checked.
        """
        taken = self._taken.get(request_id)
        if taken is None or taken.owner != owner:
            raise ingestion(400, [Violation("request_id", "INVALID_REQUEST_ID")])
        is_done = now - taken.at >= self.processing_seconds
        return {
            "requestStatusPerDestination": [
                {"destination": destination, **_status(reasons, is_done=is_done)}
                for destination, reasons in taken.destinations
            ]
        }


def _status(reasons: list[str | None], *, is_done: bool) -> dict[str, Any]:
    counted: dict[str, Any] = {"eventsIngestionStatus": {"recordCount": str(len(reasons))}}
    if not is_done:
        return {"requestStatus": "PROCESSING", **counted}
    counts = Counter(reason for reason in reasons if reason is not None)
    if not counts:
        return {"requestStatus": "SUCCESS", **counted}
    status = "FAILED" if counts.total() == len(reasons) else "PARTIAL_SUCCESS"
    errors = [{"recordCount": str(n), "reason": _PREFIX + why} for why, n in counts.items()]
    return {"requestStatus": status, "errorInfo": {"errorCounts": errors}, **counted}
