"""The jobs that watch: alerts, anomalies, correlations and forecasts."""

from typing import Final

from processors.schedule.alerts.evaluate import evaluate
from processors.schedule.series import correlate, detect, foretell
from processors.schedule.settings import HOUR
from processors.schedule.tools import Job

ROWS: Final[tuple[Job, ...]] = (
    Job("alerts/evaluate", "alerts_seconds", evaluate),
    Job("analytics/anomaly-detection", "anomalies_seconds", detect),
    Job("analytics/series-correlations", "correlations_seconds", correlate),
    Job("generate-daily-forecasts", "forecasts_seconds", foretell, queue="ml", at=6 * HOUR),
)
