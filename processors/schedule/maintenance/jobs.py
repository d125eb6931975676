"""The jobs of maintenance. Times of day keep those that delete apart from midnight's."""

from typing import Final

from processors.schedule.conservation.job import check
from processors.schedule.maintenance.audit import process
from processors.schedule.maintenance.merging import merge
from processors.schedule.maintenance.partitions import keep_months
from processors.schedule.maintenance.retention import clean_up
from processors.schedule.maintenance.sums import compare
from processors.schedule.settings import HOUR, MINUTE
from processors.schedule.tools import Job

ROWS: Final[tuple[Job, ...]] = (
    Job("analytics/attribution-daily-metrics", "daily_metrics_seconds", compare),
    Job("process-audit-logs", "audit_seconds", process),
    Job("maintenance/cleanup", "cleanup_seconds", clean_up, at=2 * HOUR + 30 * MINUTE),
    Job("maintenance/conservation", "conservation_seconds", check),
    Job("maintenance/merge-cells", "merge_seconds", merge, at=3 * HOUR + 30 * MINUTE),
    Job("maintenance/partitions", "partitions_seconds", keep_months, at=HOUR + 30 * MINUTE),
)
