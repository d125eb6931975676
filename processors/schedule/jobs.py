"""The table of jobs: name, the setting of its cadence, what it does. Nothing is discovered."""

from typing import Final

from processors.schedule import google_history
from processors.schedule.alerts.jobs import ROWS as ALERTS
from processors.schedule.assets import ROWS as ASSETS
from processors.schedule.benchmarks import ROWS as BENCHMARKS
from processors.schedule.connections import check
from processors.schedule.creatives import ROWS as CREATIVES
from processors.schedule.customers import count
from processors.schedule.letters import replay_webhooks
from processors.schedule.ltv.job import ROWS as LTV
from processors.schedule.maintenance.jobs import ROWS as MAINTENANCE
from processors.schedule.match_quality import refresh
from processors.schedule.matches import measure
from processors.schedule.quality.jobs import ROWS as QUALITY
from processors.schedule.recalculate import process_unattributed, recalculate_recent
from processors.schedule.reconcile import reconcile
from processors.schedule.spend.jobs import ROWS as SPEND
from processors.schedule.surveys import bridge
from processors.schedule.tools import Job
from processors.schedule.training.job import train_all

_ROWS: Final = (
    Job("analytics/attribution-customers", "customers_seconds", count),
    Job("analytics/attribution-order-reconciliation", "reconciliation_seconds", reconcile),
    Job("analytics/attribution-process-unattributed", "unattributed_seconds", process_unattributed),
    Job("analytics/attribution-recalculate-recent", "recalculation_seconds", recalculate_recent),
    Job("analytics/attribution-webhook-queue", "webhook_queue_seconds", replay_webhooks),
    Job("analytics/attribution-fairing-bridge", "fairing_seconds", bridge),
    Job("analytics/offline-match-rate", "match_seconds", measure),
    Job("connections/health", "connections_seconds", check),
    Job("connections/match-quality", "match_quality_seconds", refresh),
    *google_history.ROWS,
    *ALERTS,
    *BENCHMARKS,
    *ASSETS,
    *CREATIVES,
    *SPEND,
    Job("analytics/ml-training", "training_seconds", train_all, queue="ml"),
    *LTV,
    *MAINTENANCE,
    *QUALITY,
)

JOBS: Final[dict[str, Job]] = {row.name: row for row in _ROWS}
