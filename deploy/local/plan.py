"""The plan: what the supervisor is to run, handed over as a private file."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from deploy.local.files import write_atomically
from deploy.local.service import Service


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The services in the order of their start, and the environment that they share."""

    services: tuple[Service, ...]
    environment: Mapping[str, str]
    replicas: int = 1

    def __post_init__(self) -> None:
        """A service may only come after one that was named before, so there is no cycle."""
        seen: set[str] = set()
        for service in self.services:
            unknown = set(service.after) - seen
            if unknown or service.name in seen:
                raise ValueError(f"{service.name}: named twice, or after unknown {sorted(unknown)}")
            seen.add(service.name)


def write_plan(path: Path, plan: Plan) -> None:
    """Write for the supervisor; only we can read it."""
    write_atomically(path, json.dumps(asdict(plan), indent=2), mode=0o600)


def read_plan(path: Path) -> Plan:
    """Read what `write_plan` wrote."""
    document = json.loads(path.read_text())
    services = tuple(
        Service(**{**row, "argv": tuple(row["argv"]), "after": tuple(row["after"])})
        for row in document.pop("services")
    )
    return Plan(**document, services=services)
