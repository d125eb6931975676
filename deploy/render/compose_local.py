"""`deploy/compose.local.yaml`: Kafka, Postgres and the platform simulators beside the processes.

Everything on one machine, no credentials of any vendor, nothing that is fit for production. The
broker has the version and the settings of `deploy/kafka`, but for where it listens.
"""

import re
from pathlib import Path
from typing import Any, Final

from deploy.render.compose import hardened
from deploy.render.workloads import DATABASE, JOBS, KAFKA, SPOOL, workloads
from deploy.simulators.addresses import SIMULATED, addresses

FOLDER: Final = Path(__file__).parents[1] / "kafka"
POSTGRES_IMAGE: Final = "postgres:17"
BROKER: Final = "kafka:9092"
URL: Final = "postgresql://postgres:${POSTGRES_PASSWORD:?}@postgres:5432/attributary"
FIRST_PORT: Final = 9100
_ELSEWHERE: Final = {
    "listeners": "PLAINTEXT://:9092,CONTROLLER://:9093",
    "advertised.listeners": f"PLAINTEXT://{BROKER}",
    "controller.quorum.voters": "1@localhost:9093",
    "log.dirs": "/var/lib/kafka/data",
}


def overlay() -> dict[str, Any]:
    """The document."""
    ports = {platform: FIRST_PORT + n for n, platform in enumerate(SIMULATED)}
    simulated: dict[str, str] = {}
    for platform, port in ports.items():
        simulated |= addresses(platform, f"http://simulators:{port}")
    there = {KAFKA: BROKER, DATABASE: URL}
    healthy = {name: {"condition": "service_healthy"} for name in ("kafka", "postgres")}
    services: dict[str, Any] = {
        "kafka": _kafka(), "postgres": _postgres(), "simulators": _simulators(ports),
    }  # fmt: skip
    for name in JOBS:
        services[name] = {"environment": {**there}, "depends_on": healthy}
    for row in workloads():
        services[row.name] = {"environment": there | (simulated if row.vendors else {})}
    return {"services": services, "volumes": {"kafka": {}, "postgres": {}, "simulators": {}}}


def kafka_version() -> str:
    """The one whose jars `deploy/kafka/pom.xml` names."""
    found = re.search(r"<kafka\.version>([\d.]+)<", (FOLDER / "pom.xml").read_text())
    return found[1] if found else "latest"


def _kafka() -> dict[str, Any]:
    lines = (FOLDER / "server.properties").read_text().splitlines()
    settings = dict(line.split("=", 1) for line in lines if "=" in line and line[0] != "#")
    settings |= _ELSEWHERE
    probe = ["CMD", "/opt/kafka/bin/kafka-broker-api-versions.sh", "--bootstrap-server", BROKER]
    return {
        "image": f"apache/kafka:{kafka_version()}",
        "environment": {_variable(name): value for name, value in settings.items()},
        "volumes": ["kafka:/var/lib/kafka/data"],
        **_server(probe),
    }


def _variable(setting: str) -> str:
    """As Kafka's image reads a setting of the broker."""
    return "KAFKA_" + setting.replace(".", "_").upper()


def _postgres() -> dict[str, Any]:
    return {
        "image": POSTGRES_IMAGE,
        "environment": {
            "POSTGRES_DB": "attributary", "POSTGRES_PASSWORD": "${POSTGRES_PASSWORD:?}",
        },
        "volumes": ["postgres:/var/lib/postgresql/data"],
        "shm_size": "256m",
        **_server(["CMD", "pg_isready", "--host", "127.0.0.1", "--username", "postgres"]),
    }  # fmt: skip


def _server(probe: list[str]) -> dict[str, Any]:
    return {
        "restart": "unless-stopped",
        "stop_grace_period": "60s",
        "healthcheck": {
            "test": probe, "interval": "5s", "timeout": "10s", "start_period": "30s", "retries": 12,
        },
    }  # fmt: skip


def _simulators(ports: dict[str, int]) -> dict[str, Any]:
    """In one process, as `make up` has it; what they counted outlives it."""
    served = [f"{platform}={port}" for platform, port in ports.items()]
    return {
        **hardened(*served, "--host", "0.0.0.0", "--state", SPOOL),
        "entrypoint": ["python", "-m", "deploy.simulators"],
        "volumes": [f"simulators:{SPOOL}"],
        "restart": "unless-stopped",
        "healthcheck": {"disable": True},
    }
