"""What a process tells Prometheus: the one list of names, and a registry of its own.

A new metric is a line in `Name` and a line in `CATALOGUE`; dashboards and rules may use no other.
Labels are few and bounded: never an id, never a person.
"""

from dataclasses import dataclass
from typing import Final, Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

Name = Literal[
    "attributary_group_lag_records",
    "attributary_lag_records",
    "attributary_batch_records",
    "attributary_batch_seconds",
    "attributary_step_seconds",
    "attributary_outcomes_total",
    "attributary_retries_total",
    "attributary_dead_letters_total",
    "attributary_emitted_total",
    "attributary_rebalances_total",
    "attributary_ready_state",
    "attributary_deliveries_total",
    "attributary_delivery_seconds",
    "attributary_delivery_queue",
    "attributary_expiring_deliveries",
    "attributary_delivery_retries_total",
    "attributary_open_circuits",
    "attributary_rate_limit_wait_seconds",
    "attributary_requests_total",
    "attributary_request_seconds",
    "attributary_spool_records",
    "attributary_taken_records_total",
    "attributary_quality_points_total",
    "attributary_looks_total",
    "attributary_marks_total",
    "attributary_due_conversions",
    "attributary_job_runs_total",
    "attributary_job_seconds",
    "attributary_job_success_time_seconds",
    "attributary_leader_state",
    "attributary_uploads_total",
    "attributary_upload_rows_total",
    "attributary_offline_match_ratio",
    "attributary_connection_state",
    "attributary_signal_health_score",
    "attributary_conservation_gap_records",
    "attributary_limited_requests_total",
    "attributary_logins_total",
    "attributary_refused_items_total",
    "attributary_bots_total",
    "attributary_alert_notifications_total",
    "attributary_spans_total",
]
Kind = Literal["counter", "gauge", "histogram"]

SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class Metric:
    """One row of the catalogue."""

    kind: Kind
    help: str
    labels: tuple[str, ...] = ()


CATALOGUE: Final[dict[Name, Metric]] = {
    "attributary_lag_records": Metric(
        "gauge", "Records of an assigned partition not yet done", ("topic", "partition")
    ),
    "attributary_batch_records": Metric("gauge", "Records in the latest batch"),
    "attributary_batch_seconds": Metric(
        "histogram", "A batch, from poll to where it may be committed"
    ),
    "attributary_step_seconds": Metric("histogram", "One step of a batch", ("step",)),
    "attributary_outcomes_total": Metric(
        "counter", "Records by how they ended, repetitions counted again", ("outcome", "rule")
    ),
    "attributary_retries_total": Metric("counter", "Batches tried again in place", ("reason",)),
    "attributary_dead_letters_total": Metric("counter", "Dead letters acked", ("topic",)),
    "attributary_emitted_total": Metric("counter", "Records produced and acked", ("topic",)),
    "attributary_rebalances_total": Metric("counter", "Assignments of partitions"),
    "attributary_ready_state": Metric("gauge", "1 when assigned and nothing is being waited out"),
    "attributary_deliveries_total": Metric(
        "counter", "Attempts at a platform by verdict", ("platform", "verdict")
    ),
    "attributary_delivery_seconds": Metric("histogram", "One attempt", ("platform",)),
    "attributary_delivery_queue": Metric(
        "gauge", "Deliveries that can still be sent", ("platform", "state")
    ),
    "attributary_expiring_deliveries": Metric(
        "gauge",
        "Of those that wait, the ones that the platform would no longer take in an hour; what they"
        " are worth tells the view delivery_revenue_at_risk",
        ("platform",),
    ),
    "attributary_delivery_retries_total": Metric(
        "counter",
        "Attempts after an event's first; over the attempts, the retry rate",
        ("platform",),
    ),
    "attributary_open_circuits": Metric("gauge", "Tenants whose circuit is open", ("platform",)),
    "attributary_rate_limit_wait_seconds": Metric(
        "histogram", "How long a tenant's queue waited for its rate limit", ("platform",)
    ),
    "attributary_requests_total": Metric("counter", "HTTP answers", ("route", "status")),
    "attributary_request_seconds": Metric("histogram", "One HTTP request", ("route",)),
    "attributary_spool_records": Metric("gauge", "Records that wait in the gateway's spool"),
    "attributary_taken_records_total": Metric(
        "counter",
        "Records that the gateway took: their rate is that of ingestion, and over the requests of a"
        " route its batch size",
        ("route", "topic"),
    ),
    "attributary_quality_points_total": Metric(
        "counter",
        "Quality scores (0 to 100) of server events; over their records, the average",
        ("route",),
    ),
    "attributary_looks_total": Metric(
        "counter", "Conversions folded again, each with a pointer: at_once or gathered", ("kind",)
    ),
    "attributary_marks_total": Metric(
        "counter", "Conversions that a batch affected and left for later, by batch"
    ),
    "attributary_due_conversions": Metric("gauge", "Conversions that are left for later"),
    "attributary_job_runs_total": Metric(
        "counter", "Runs of scheduled jobs by how they ended", ("job", "outcome")
    ),
    "attributary_job_seconds": Metric("gauge", "Duration of a job's latest run", ("job",)),
    "attributary_job_success_time_seconds": Metric(
        "gauge", "When a job last ended well, as seconds since the epoch", ("job",)
    ),
    "attributary_leader_state": Metric("gauge", "1 on the replica of schedule that leads"),
    "attributary_uploads_total": Metric("counter", "Uploads by how they ended", ("status",)),
    "attributary_upload_rows_total": Metric(
        "counter", "Rows of uploads: accepted or refused", ("outcome",)
    ),
    "attributary_offline_match_ratio": Metric(
        "gauge",
        "Of the offline conversions taken of late uploads, the share (0 to 1) of people with a"
        " touch; from the leader of schedule",
        ("tenant",),
    ),
    "attributary_connection_state": Metric(
        "gauge",
        "1 for the state that a tenant's connection is in; from the leader of schedule",
        ("tenant", "platform", "state"),
    ),
    "attributary_signal_health_score": Metric(
        "gauge",
        "Health (0 to 100) of today's signal at a platform: healthy from 70, degraded from 40; from"
        " the leader of schedule",
        ("tenant", "platform"),
    ),
    "attributary_group_lag_records": Metric(
        "gauge",
        "Records that a consuming group has yet to do, its workers there or not; from the leader of"
        " schedule, every half hour",
        ("group",),
    ),
    "attributary_conservation_gap_records": Metric(
        "gauge",
        "Records that were received and are in none of a group's counts, or are counted too often;"
        " from the leader of schedule",
        ("group",),
    ),
    "attributary_limited_requests_total": Metric(
        "counter", "Requests refused by the rate limit of a key of the tenant", ("tenant",)
    ),
    "attributary_logins_total": Metric(
        "counter", "Tries to log in: ok, wrong or locked", ("outcome",)
    ),
    "attributary_refused_items_total": Metric(
        "counter", "Items and bodies refused: kept for the operator, or not", ("kind", "kept")
    ),
    "attributary_alert_notifications_total": Metric(
        "counter",
        "Tries to tell of alerts: sent, pending (again) or given_up",
        ("channel", "state"),
    ),
    "attributary_spans_total": Metric(
        "counter",
        "Spans of traces: exported, or dropped since the collector did not take them in time",
        ("outcome",),
    ),
    "attributary_bots_total": Metric(
        "counter", "Records of robots, once for each sign that told them", ("reason",)
    ),
}


class Metrics:
    """The metrics of one process; unknown names and labels raise."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._counters: dict[str, Counter] = {}
        self._gauges: dict[str, Gauge] = {}
        self._histograms: dict[str, Histogram] = {}
        for name, row in CATALOGUE.items():
            match row.kind:
                case "counter":
                    self._counters[name] = Counter(
                        name, row.help, row.labels, registry=self._registry
                    )
                case "gauge":
                    self._gauges[name] = Gauge(name, row.help, row.labels, registry=self._registry)
                case "histogram":
                    self._histograms[name] = Histogram(
                        name, row.help, row.labels, registry=self._registry, buckets=SECONDS
                    )

    def count(self, name: Name, n: float = 1, **labels: str) -> None:
        """Add to a counter."""
        counter = self._counters[name]
        (counter.labels(**labels) if labels else counter).inc(n)

    def observe(self, name: Name, seconds: float, **labels: str) -> None:
        """Put a duration into a histogram."""
        histogram = self._histograms[name]
        (histogram.labels(**labels) if labels else histogram).observe(seconds)

    def gauge(self, name: Name, value: float, **labels: str) -> None:
        """Set a gauge."""
        gauge = self._gauges[name]
        (gauge.labels(**labels) if labels else gauge).set(value)

    def forget(self, name: Name) -> None:
        """Drop every series of a labelled gauge, so that a moved partition leaves none behind."""
        self._gauges[name].clear()

    def render(self) -> bytes:
        """The text that `/metrics` answers."""
        return generate_latest(self._registry)
