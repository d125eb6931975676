"""Panels of Grafana: the little that ours differ in, and the rest that all have."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

SOURCE: Final = {"type": "prometheus", "uid": "prometheus"}
_WIDTH: Final = 12
_HEIGHT: Final = 8


@dataclass(frozen=True, slots=True)
class Panel:
    """A drawing of one expression; `unit` is Grafana's name of it, `legend` a template."""

    title: str
    expression: str
    legend: str = "{{processor}}"
    unit: str = "short"


def rate(metric: str, *by: str, where: str = "") -> str:
    """How much a counter grows in a second."""
    return f"sum by ({', '.join(by)}) (rate({metric}{{{where}}}[$__rate_interval]))"


def mean(metric: str, *by: str, where: str = "") -> str:
    """The average of a histogram."""
    return (
        f"{rate(f'{metric}_sum', *by, where=where)} / {rate(f'{metric}_count', *by, where=where)}"
    )


def quantile(q: float, metric: str, *by: str, where: str = "") -> str:
    """What a share `q` (0 to 1) of a histogram's observations is below."""
    return f"histogram_quantile({q}, {rate(f'{metric}_bucket', 'le', *by, where=where)})"


def dashboard(uid: str, title: str, panels: Sequence[Panel]) -> dict[str, Any]:
    """Two panels a row, the last six hours, refreshed each half minute."""
    return {
        "uid": f"attributary-{uid}",
        "title": title,
        "tags": ["attributary"],
        "schemaVersion": 39,
        "editable": False,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "templating": {"list": []},
        "panels": [_drawn(number, panel) for number, panel in enumerate(panels)],
    }


def _drawn(number: int, panel: Panel) -> dict[str, Any]:
    row, column = divmod(number, 2)
    return {
        "id": number + 1,
        "type": "timeseries",
        "title": panel.title,
        "datasource": SOURCE,
        "gridPos": {"x": column * _WIDTH, "y": row * _HEIGHT, "w": _WIDTH, "h": _HEIGHT},
        "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0}, "overrides": []},
        "options": {"legend": {"displayMode": "table", "calcs": ["lastNotNull", "max"]}},
        "targets": [
            {
                "refId": "A",
                "datasource": SOURCE,
                "expr": panel.expression,
                "legendFormat": panel.legend,
            }
        ],
    }
