"""Writes what follows from the registry and the catalogue of metrics; `--check` fails on drift.

Compose services, Kubernetes manifests, what Prometheus scrapes, rules for scheduled jobs and
Grafana's dashboards. Needs what the extra `dev` installs.
"""

import sys
from pathlib import Path
from typing import Final

from deploy.render import compose_local, manifests, monitoring
from deploy.render.compose import compose
from deploy.render.dashboards import dashboards
from deploy.render.job_rules import job_rules
from deploy.render.text import json_text, yaml_text

FOLDER: Final = Path(__file__).parent
WHOLE: Final = (
    "kubernetes/base", "kubernetes/components/keda", "kubernetes/components/prometheus-operator",
    "grafana/dashboards",
)  # fmt: skip
"""Folders in which nothing else may lie."""


def rendered() -> dict[str, str]:
    """Path below `deploy` to text."""
    files = {
        "compose.yaml": yaml_text(compose()),
        "compose.local.yaml": yaml_text(compose_local.overlay()),
        "prometheus/prometheus.yaml": yaml_text(monitoring.prometheus()),
        "prometheus/rules/jobs.yaml": yaml_text({"groups": job_rules()}),
    }
    folders = {
        "kubernetes/base": manifests.base(),
        "kubernetes/components/keda": manifests.keda(),
        "kubernetes/components/prometheus-operator": manifests.prometheus_operator(),
    }
    drawn = dashboards()
    folders["grafana/dashboards"] = {name: json_text(one) for name, one in drawn.items()}
    for folder, found in folders.items():
        files |= {f"{folder}/{name}": text for name, text in found.items()}
    return files


def drift() -> list[str]:
    """Paths of the files that differ from what would be written, missing and surplus ones too."""
    wanted = rendered()
    there = {
        str(path.relative_to(FOLDER))
        for folder in WHOLE
        for path in (FOLDER / folder).glob("*")
        if path.is_file()
    }
    return sorted(name for name in wanted.keys() | there if wanted.get(name) != _text(name))


def write() -> None:
    """Write what differs, and delete what should not be there."""
    wanted = rendered()
    for name in drift():
        path = FOLDER / name
        if name in wanted:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(wanted[name])
        else:
            path.unlink()


def main() -> int:
    """Generate, or check with `--check`."""
    if "--check" not in sys.argv:
        write()
        return 0
    if changed := drift():
        sys.stderr.write(f"drift in deploy/ of {', '.join(changed)}: run `make format`\n")
    return 1 if changed else 0


def _text(name: str) -> str | None:
    path = FOLDER / name
    return path.read_text() if path.is_file() else None


if __name__ == "__main__":
    sys.exit(main())
