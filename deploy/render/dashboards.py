"""Grafana's dashboards: the whole, each consumer, the gateway, deliveries, and scheduled jobs.

Each metric of the catalogue is on one of them, and a test says so: what nobody sees, nobody mends.
"""

from typing import Any, Final

from deploy.render.panels import Panel, dashboard, mean, quantile, rate
from processors.registry import PROCESSORS

_LEADER: Final = "and on (instance) attributary_leader_state == 1"

_TAKEN: Final = rate("attributary_taken_records_total", "route")


def _over(some: str, of: str) -> str:
    return f"{some} / {of}"


_OVERVIEW: Final = (
    Panel("Records behind", "attributary:lag_records:sum"),
    Panel("Records ended a second", "attributary:applied_records:rate5m", unit="ops"),
    Panel(
        "Records taken a second",
        rate("attributary_taken_records_total", "topic"),
        "{{topic}}",
        "ops",
    ),
    Panel("Gateway: share of 5xx", "attributary:gateway_errors:ratio_rate5m", "5xx", "percentunit"),
    Panel("Replicas ready", "sum by (processor) (attributary_ready_state)"),
    Panel("Replicas up", 'sum by (processor) (up{job="attributary"})'),
    Panel(
        "Dead letters a second", rate("attributary_dead_letters_total", "topic"), "{{topic}}", "ops"
    ),
    Panel(
        "Received and not accounted for",
        f"max by (group) (attributary_conservation_gap_records {_LEADER})",
        "{{group}}",
    ),
    Panel(
        "Spans of traces a second",
        rate("attributary_spans_total", "outcome"),
        "{{outcome}}",
        "ops",
    ),
    Panel(
        "Behind, by group (Kafka's count)",
        f"max by (group) (attributary_group_lag_records {_LEADER})",
        "{{group}}",
    ),
    Panel(
        "Deliveries that can still be sent",
        "max by (platform, state) (attributary_delivery_queue)",
        "{{platform}} {{state}}",
    ),
    Panel(
        "Tenants with an open circuit",
        "max by (platform) (attributary_open_circuits)",
        "{{platform}}",
    ),
)

_GATEWAY: Final = (
    Panel(
        "Requests a second",
        rate("attributary_requests_total", "route", "status"),
        "{{route}} {{status}}",
        "reqps",
    ),
    Panel("Share of 5xx", "attributary:gateway_errors:ratio_rate5m", "5xx", "percentunit"),
    Panel("Slower than 250 ms", "attributary:gateway_slow:ratio_rate5m", "slow", "percentunit"),
    Panel(
        "P95 of a request", quantile(0.95, "attributary_request_seconds", "route"), "{{route}}", "s"
    ),
    Panel("Records taken a minute", f"60 * {_TAKEN}", "{{route}}"),
    Panel(
        "Records of a request, on average",
        _over(_TAKEN, rate("attributary_requests_total", "route")),
        "{{route}}",
    ),
    Panel(
        "Quality score of server events, on average",
        _over(rate("attributary_quality_points_total", "route"), _TAKEN),
        "{{route}}",
    ),
    Panel("Records in the spool", "attributary_spool_records", "{{instance}}"),
    Panel(
        "Items refused a second",
        rate("attributary_refused_items_total", "kind", "kept"),
        "{{kind}} kept={{kept}}",
        "ops",
    ),
    Panel(
        "Requests over a key's rate",
        rate("attributary_limited_requests_total", "tenant"),
        "{{tenant}}",
        "reqps",
    ),
    Panel(
        "Signs of robots a second", rate("attributary_bots_total", "reason"), "{{reason}}", "ops"
    ),
    Panel("Logins a second", rate("attributary_logins_total", "outcome"), "{{outcome}}", "ops"),
    Panel("Uploads", "sum by (status) (increase(attributary_uploads_total[1h]))", "{{status}}"),
    Panel(
        "Rows of uploads",
        "sum by (outcome) (increase(attributary_upload_rows_total[1h]))",
        "{{outcome}}",
    ),
)

_DELIVERIES: Final = (
    Panel(
        "Attempts a second",
        rate("attributary_deliveries_total", "platform", "verdict"),
        "{{platform}} {{verdict}}",
        "ops",
    ),
    Panel(
        "Share of attempts that fail",
        "attributary:deliveries_failed:ratio_rate15m",
        "{{platform}}",
        "percentunit",
    ),
    Panel(
        "Share of attempts that are retries",
        "attributary:deliveries_retried:ratio_rate15m",
        "{{platform}}",
        "percentunit",
    ),
    Panel(
        "P95 of an attempt",
        quantile(0.95, "attributary_delivery_seconds", "platform"),
        "{{platform}}",
        "s",
    ),
    Panel(
        "Deliveries that can still be sent",
        "max by (platform, state) (attributary_delivery_queue)",
        "{{platform}} {{state}}",
    ),
    Panel(
        "Too old within the hour",
        "max by (platform) (attributary_expiring_deliveries)",
        "{{platform}}",
    ),
    Panel(
        "Tenants with an open circuit",
        "max by (platform) (attributary_open_circuits)",
        "{{platform}}",
    ),
    Panel(
        "Wait for the rate limit, on average",
        mean("attributary_rate_limit_wait_seconds", "platform"),
        "{{platform}}",
        "s",
    ),
    Panel(
        "Connections that are not healthy",
        'count by (platform, state) (attributary_connection_state{state!="healthy"} '
        + _LEADER
        + ")",
        "{{platform}} {{state}}",
    ),
    Panel(
        "Health of signals (0 to 100)",
        f"max by (tenant, platform) (attributary_signal_health_score {_LEADER})",
        "{{tenant}} {{platform}}",
    ),
    Panel(
        "Offline conversions with a touch",
        f"max by (tenant) (attributary_offline_match_ratio {_LEADER})",
        "{{tenant}}",
        "percentunit",
    ),
)

_JOBS: Final = (
    Panel(
        "Since a job ended well",
        "time() - max by (exported_job) (attributary_job_success_time_seconds)",
        "{{exported_job}}",
        "s",
    ),
    Panel(
        "Runs an hour",
        "sum by (exported_job, outcome) (increase(attributary_job_runs_total[1h]))",
        "{{exported_job}} {{outcome}}",
    ),
    Panel(
        "Share of runs that end well",
        _over(
            'sum(increase(attributary_job_runs_total{outcome="ok"}[1d]))',
            "sum(increase(attributary_job_runs_total[1d]))",
        ),
        "ok",
        "percentunit",
    ),
    Panel(
        "Duration of the latest run",
        "max by (exported_job) (attributary_job_seconds)",
        "{{exported_job}}",
        "s",
    ),
    Panel("Leaders", "sum(attributary_leader_state)", "leaders"),
    Panel(
        "Alerts told",
        "sum by (channel, state) (increase(attributary_alert_notifications_total[1h]))",
        "{{channel}} {{state}}",
    ),
)

_OF_IDENTITY: Final = (
    Panel(
        "Conversions looked at again", rate("attributary_looks_total", "kind"), "{{kind}}", "ops"
    ),
    Panel(
        "Conversions left for later a second",
        rate("attributary_marks_total", "processor"),
        unit="ops",
    ),
    Panel("Conversions that are left for later", "max(attributary_due_conversions)", "due"),
)


def dashboards() -> dict[str, dict[str, Any]]:
    """Name of the file to its document."""
    found = {
        "overview": dashboard("overview", "Attributary", _OVERVIEW),
        "gateway": dashboard("gateway", "Attributary: gateway", _GATEWAY),
        "deliveries": dashboard("deliveries", "Attributary: deliveries", _DELIVERIES),
        "jobs": dashboard("jobs", "Attributary: scheduled jobs", _JOBS),
    }
    for name in PROCESSORS:
        panels = _consumer(name) + (_OF_IDENTITY if name == "identity" else ())
        found[name] = dashboard(name, f"Attributary: {name}", panels)
    return {f"{name}.json": document for name, document in found.items()}


def _consumer(name: str) -> tuple[Panel, ...]:
    """What every consumer shows."""
    own = f'processor="{name}"'
    return (
        Panel(
            "Records behind",
            f"sum by (topic, partition) (attributary_lag_records{{{own}}})",
            "{{topic}} {{partition}}",
        ),
        Panel(
            "Records ended a second",
            rate("attributary_outcomes_total", "outcome", "rule", where=own),
            "{{outcome}} {{rule}}",
            "ops",
        ),
        Panel("Records of the latest batch", f"attributary_batch_records{{{own}}}", "{{instance}}"),
        Panel(
            "P90 of a batch",
            quantile(0.9, "attributary_batch_seconds", "instance", where=own),
            "{{instance}}",
            "s",
        ),
        Panel(
            "A step, on average",
            mean("attributary_step_seconds", "step", where=own),
            "{{step}}",
            "s",
        ),
        Panel(
            "Batches tried again a second",
            rate("attributary_retries_total", "reason", where=own),
            "{{reason}}",
            "ops",
        ),
        Panel(
            "Records produced a second",
            rate("attributary_emitted_total", "topic", where=own),
            "{{topic}}",
            "ops",
        ),
        Panel(
            "Dead letters a second",
            rate("attributary_dead_letters_total", "topic", where=own),
            "{{topic}}",
            "ops",
        ),
        Panel(
            "Assignments of partitions an hour",
            f"sum by (instance) (increase(attributary_rebalances_total{{{own}}}[1h]))",
            "{{instance}}",
        ),
        Panel("Ready", f"attributary_ready_state{{{own}}}", "{{instance}}"),
    )
