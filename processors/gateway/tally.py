"""Requests counted plainly and handed to the metrics in bulk: a tenth of the cost a request."""

from collections import Counter
from typing import Final

from processors.engine.metrics import Metrics

_HELD: Final = 10_000


class Tally:
    """What has been answered since the last flush."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._answers: Counter[tuple[str, int]] = Counter()
        self._durations: list[tuple[str, float]] = []

    def note(self, route: str, status: int, seconds: float) -> None:
        """One answer."""
        self._answers[route, status] += 1
        durations = self._durations
        if len(durations) < _HELD:
            durations.append((route, seconds))

    def flush(self) -> None:
        """Into the metrics. Between two flushes only the first durations are kept."""
        for (route, status), n in self._answers.items():
            self._metrics.count("attributary_requests_total", n, route=route, status=str(status))
        for route, seconds in self._durations:
            self._metrics.observe("attributary_request_seconds", seconds, route=route)
        self._answers.clear()
        self._durations.clear()
