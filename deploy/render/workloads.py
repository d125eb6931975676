"""What runs where there are containers: a row for each process, made from the registry.

Numbers of CPU and memory are where to begin, not measurements of your load. Every process listens
on one port, `PORT`, with `/healthz`, `/readyz` and `/metrics`; the gateway serves events there too.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from processors.commands.run import GATEWAY, SCHEDULE, names
from processors.engine.settings import EngineSettings
from processors.gateway.settings import GatewaySettings
from processors.registry import PROCESSORS
from schemas.topics import TOPICS

IMAGE: Final = "attributary"
UID: Final = 10001
PORT: Final = 8080
SPOOL: Final = "/var/spool/attributary"
JOBS: Final = ("migrate", "topics")
"""What must have ended well before a process of the same release starts."""

DATABASE: Final = "DATABASE_URL"
SEAL: Final = "ATTRIBUTARY_SEAL_KEY"
VAULT: Final = "ATTRIBUTARY_VAULT_KEY"
KAFKA: Final = "KAFKA_BOOTSTRAP_SERVERS"

READY_DELAY_SECONDS: Final = 5
"""How long a gateway serves on that was told to stop, so that its clients look elsewhere."""
GRACE_SECONDS: Final = 60
"""Until what was told to stop is killed: longer than any process takes to drain."""

SETTINGS: Final[Mapping[str, str]] = {
    "ATTRIBUTARY_ENGINE_HEALTH_HOST": "0.0.0.0",
    "ATTRIBUTARY_ENGINE_HEALTH_PORT": str(PORT),
    "ATTRIBUTARY_GATEWAY_HOST": "0.0.0.0",
    "ATTRIBUTARY_GATEWAY_PORT": str(PORT),
    "ATTRIBUTARY_GATEWAY_READY_DELAY_SECONDS": str(READY_DELAY_SECONDS),
    "ATTRIBUTARY_GATEWAY_SPOOL_DIR": SPOOL,
    "GATEWAY_URL": f"http://{GATEWAY}:{PORT}",
}
"""The same for every process, and no secret."""


@dataclass(frozen=True, kw_only=True)
class Workload:
    """One process of the flow.

    `numbered`: replicas differ by a number that outlives them. A consumer's static member id is
    `GROUP-NUMBER`, and a gateway's spool is a volume of its own.
    """

    name: str
    secrets: tuple[str, ...] = (DATABASE,)
    numbered: bool = True
    spools: bool = False
    vendors: bool = False
    """Whether it talks to ad platforms and shops on the internet."""
    partitions: int = 0
    """Of its topics, dealt to the members of its group one by one; more replicas have none."""
    cpu_millis: int = 250
    memory_mib: int = 512

    @property
    def arguments(self) -> tuple[str, ...]:
        """After `attributary`; the number comes from a variable, where there is one."""
        return ("run", self.name)


def workloads() -> tuple[Workload, ...]:
    """All of them, in the order of the flow."""
    special = {
        GATEWAY: Workload(
            name=GATEWAY, secrets=(DATABASE, SEAL, VAULT), spools=True, vendors=True,
            cpu_millis=500, memory_mib=1024,
        ),
        SCHEDULE: Workload(
            name=SCHEDULE, secrets=(DATABASE, VAULT), numbered=False, vendors=True,
            memory_mib=2048,
        ),
    }  # fmt: skip
    return tuple(special.get(name) or _consumer(name) for name in names())


def _consumer(name: str) -> Workload:
    partitions = sum(TOPICS[topic].partitions for topic in PROCESSORS[name].inputs)
    if name == "fanout":
        # It opens what is sealed, for the platforms that want the clear value.
        return Workload(
            name=name, secrets=(DATABASE, SEAL, VAULT), vendors=True, partitions=partitions
        )
    return Workload(name=name, partitions=partitions)


def longest_stop_seconds() -> float:
    """The longest that a process may take from SIGTERM to its end, with default settings."""
    engine, gateway = EngineSettings.model_fields, GatewaySettings.model_fields
    serving = READY_DELAY_SECONDS + 2 * float(gateway["drain_seconds"].default)
    return max(serving, float(engine["drain_seconds"].default))


def spool_bytes() -> int:
    """What may lie in a gateway's volume: the spool, and uploads that are being taken."""
    fields = GatewaySettings.model_fields
    uploads = fields["max_uploads"].default * fields["upload_max_bytes"].default
    return int(fields["spool_max_bytes"].default + uploads)
