"""Requests counted plainly and handed to the metrics in bulk: a tenth of the cost a request."""

from collections import Counter
from typing import Final

from processors.engine.metrics import Metrics
from processors.gateway.door import Outcome
from processors.gateway.telling import tell

_HELD: Final = 10_000
_SCORED: Final = frozenset({"/api/v1/capi/events/stream", "/api/v1/capi/events/batch"})


class Tally:
    """What has been answered since the last flush."""

    def __init__(self, metrics: Metrics, *, telling: bool = False) -> None:
        self._metrics = metrics
        self._telling = telling
        self._answers: Counter[tuple[str, int]] = Counter()
        self._durations: list[tuple[str, float]] = []
        self._records: Counter[tuple[str, str]] = Counter()
        self._points: dict[str, float] = {}

    def note(self, route: str, status: int, seconds: float) -> None:
        """One answer."""
        self._answers[route, status] += 1
        durations = self._durations
        if len(durations) < _HELD:
            durations.append((route, seconds))

    def took(self, route: str, outcome: Outcome, tenant: str) -> None:
        """The records of one request, now that they are safe."""
        accepted = outcome.accepted
        if accepted:
            topics = [row.raw.topic for row in accepted]
            first = topics[0]
            if topics.count(first) == len(topics):
                self._records[route, first] += len(topics)
            else:
                for topic in topics:
                    self._records[route, topic] += 1
            if route in _SCORED:
                points = sum([row.score for row in accepted])
                self._points[route] = self._points.get(route, 0.0) + points
        if self._telling:
            tell(route, outcome, tenant)

    def flush(self) -> None:
        """Into the metrics. Between two flushes only the first durations are kept."""
        count = self._metrics.count
        for (route, status), n in self._answers.items():
            count("attributary_requests_total", n, route=route, status=str(status))
        for route, seconds in self._durations:
            self._metrics.observe("attributary_request_seconds", seconds, route=route)
        for (route, topic), n in self._records.items():
            count("attributary_taken_records_total", n, route=route, topic=topic)
        for route, points in self._points.items():
            count("attributary_quality_points_total", points, route=route)
        self._answers.clear()
        self._durations.clear()
        self._records.clear()
        self._points.clear()
