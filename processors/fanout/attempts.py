"""The spans of one request to a platform: one for each delivery of a trace that it carries.

They are children of the record that brought the delivery, so an attempt of days later is of the
same trace as the first.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from processors.engine.spans import Span, Tracer
from processors.fanout.handle import Waiting
from processors.platforms.base import Answer


@contextmanager
def attempts(
    tracer: Tracer | None, platform: str, rows: Sequence[Waiting]
) -> Iterator[Callable[[Answer], None]]:
    """Spans for as long as the request takes; give the answer to what is yielded."""
    spans: dict[int, Span] = {}
    if tracer is not None:
        spans = {
            place: tracer.start(
                f"deliver {platform}",
                "client",
                parent=row.traceparent,
                attributes={
                    "attributary.tenant": row.delivery.tenant_id,
                    "attributary.platform": platform,
                    "attributary.kind": row.delivery.kind,
                    "attributary.attempt": row.attempts,
                    "attributary.deliveries": len(rows),
                },
            )
            for place, row in enumerate(rows)
            if row.traceparent is not None
        }

    def told(answer: Answer) -> None:
        for place, span in spans.items():
            verdict = answer.results[place].verdict
            said: dict[str, str | int] = {"attributary.verdict": verdict}
            if answer.http_status is not None:
                said["http.response.status_code"] = answer.http_status
            span.end(said, error=None if verdict in ("sent", "unwanted") else verdict)
        spans.clear()

    try:
        yield told
    except BaseException as error:
        for span in spans.values():
            span.end(error=type(error).__name__)
        raise
