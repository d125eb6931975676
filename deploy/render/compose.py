"""`deploy/compose.yaml`: one service for each process, and the two jobs before them.

A container of a scaled service does not know its number, and a consumer's member id needs one; so
there is one of each here, and more are further services with `--replica N`.
"""

from typing import Any, Final

from deploy.render.workloads import (
    DATABASE,
    GRACE_SECONDS,
    IMAGE,
    JOBS,
    KAFKA,
    PORT,
    SETTINGS,
    SPOOL,
    Workload,
    workloads,
)

PROBE: Final = (
    f"import urllib.request as u; u.urlopen('http://127.0.0.1:{PORT}/healthz', timeout=4)"
)
"""Ends with 0 when the process is alive. The image has no curl, and needs none."""


def compose() -> dict[str, Any]:
    """The document."""
    services: dict[str, Any] = {name: _job(name) for name in JOBS}
    services |= {row.name: _process(row) for row in workloads()}
    return {"name": "attributary", "services": services, "volumes": {"spool": {}}}


def hardened(*arguments: str) -> dict[str, Any]:
    """What every container of our image has: it may write to /tmp, and may become nobody else."""
    return {
        "image": f"{IMAGE}:${{ATTRIBUTARY_VERSION:-latest}}",
        "build": {"context": "..", "dockerfile": "deploy/Dockerfile"},
        "command": [*arguments],
        "read_only": True,
        "tmpfs": ["/tmp"],  # noqa: S108
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges:true"],
    }


def _job(name: str) -> dict[str, Any]:
    needs = (DATABASE,) if name == "migrate" else (KAFKA, DATABASE)
    return {
        **hardened(name),
        "environment": {variable: _asked(variable) for variable in needs},
        "restart": "on-failure",
        "healthcheck": {"disable": True},
    }


def _process(row: Workload) -> dict[str, Any]:
    environment = {variable: _asked(variable) for variable in (KAFKA, *row.secrets)}
    service: dict[str, Any] = {
        **hardened(*row.arguments),
        "environment": environment | dict(SETTINGS),
        "depends_on": {name: {"condition": "service_completed_successfully"} for name in JOBS},
        "restart": "unless-stopped",
        "stop_grace_period": f"{GRACE_SECONDS}s",
        "healthcheck": {
            "test": ["CMD", "python", "-c", PROBE],
            "interval": "10s",
            "timeout": "5s",
            "start_period": "30s",
            "retries": 3,
        },
        "deploy": {"resources": {"limits": {"cpus": "2.0", "memory": f"{2 * row.memory_mib}M"}}},
    }
    if row.spools:
        service["ports"] = [f"${{ATTRIBUTARY_PORT:-8080}}:{PORT}"]
        service["volumes"] = [f"spool:{SPOOL}"]
    return service


def _asked(variable: str) -> str:
    """From the shell or `deploy/.env`; a process does not start without, and says what it lacks.

    Not `:?`, with which compose would stop for what an overlay gives in another way.
    """
    return f"${{{variable}:-}}"
