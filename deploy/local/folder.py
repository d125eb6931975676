"""The git-ignored folder that holds everything a local stack writes."""

from dataclasses import dataclass
from pathlib import Path

from deploy.local.jars import PROJECT


@dataclass(frozen=True)
class StackFolder:
    """Names of the files below one folder; the default is `.attributary` in the checkout."""

    path: Path = PROJECT / ".attributary"

    def __post_init__(self) -> None:
        """Make the path absolute: the supervisor works in another directory."""
        object.__setattr__(self, "path", self.path.absolute())

    @property
    def state(self) -> Path:
        """What runs, written by the supervisor."""
        return self.path / "state.json"

    @property
    def plan(self) -> Path:
        """What is to run; private, since it holds credentials."""
        return self.path / "plan.json"

    @property
    def lock(self) -> Path:
        """Held by the one supervisor of this folder."""
        return self.path / "supervisor.lock"

    @property
    def ports(self) -> Path:
        """The ports of last time."""
        return self.path / "ports.json"

    @property
    def secrets(self) -> Path:
        """Generated keys; private."""
        return self.path / "secrets.json"

    @property
    def env(self) -> Path:
        """What a shell sources to talk to the stack; private."""
        return self.path / "env"

    @property
    def logs(self) -> Path:
        """One file a service."""
        return self.path / "logs"

    @property
    def kafka(self) -> Path:
        """The broker's data."""
        return self.path / "kafka"

    @property
    def postgres(self) -> Path:
        """The database's data."""
        return self.path / "postgres"

    @property
    def spool(self) -> Path:
        """What the gateways accepted while Kafka was away."""
        return self.path / "spool"

    @property
    def simulators(self) -> Path:
        """What the platform simulators accepted, a file each."""
        return self.path / "simulators"

    def log(self, name: str) -> Path:
        """The log of one service."""
        return self.logs / f"{name}.log"
