"""What a rate needs, computed from what an event was measured to cost: pure.

Each of our processes is one thread's worth of work, so a replica is a core at most, and replicas of
a group are bounded by the partitions of what it reads. Kafka and Postgres use many cores; of
Postgres one server has `SERVER_CORES` and writes `SERVER_WAL_MB` a second, and more means tenants
on several (`deploy/README.md`, Scaling).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, log2
from typing import Final

RATES: Final = (1_000, 100_000, 1_000_000)
"""Events a second."""
UTILISATION: Final = 0.6
"""What a core is planned to be busy: the rest is for peaks, and for catching up after a fault."""
SERVER_CORES: Final = 32
"""A large Postgres server's cores; a common size, not a measurement."""
SERVER_WAL_MB: Final = 200
"""What such a server's disk takes of WAL, in megabytes a second, for hours; likewise."""
SERVERS: Final = ("kafka", "postgres")
DAY: Final = 86_400


@dataclass(frozen=True, kw_only=True)
class Cost:
    """Of one event: CPU seconds by processor or server, and bytes written."""

    cpu: Mapping[str, float]
    wal_bytes: float
    table_bytes: float
    log_bytes: float


@dataclass(frozen=True, kw_only=True)
class Need:
    """For one rate: cores by processor or server, replicas by processor, partitions of the topics
    that are read by the largest group, Postgres servers, and megabytes a second and gigabytes a
    day."""

    rate: int
    cores: Mapping[str, float]
    replicas: Mapping[str, int]
    partitions: int
    postgres_servers: int
    wal_mb_a_second: float
    tables_gb_a_day: float
    log_gb_a_day: float


def need(cost: Cost, rate: int) -> Need:
    """What that many events a second need."""
    cores = {name: rate * seconds / UTILISATION for name, seconds in cost.cpu.items()}
    replicas = {name: max(1, ceil(n)) for name, n in cores.items() if name not in SERVERS}
    wal_mb = rate * cost.wal_bytes / 1e6
    servers = max(cores.get("postgres", 0.0) / SERVER_CORES, wal_mb / SERVER_WAL_MB)
    return Need(
        rate=rate,
        cores={name: round(n, 2) for name, n in cores.items()},
        replicas=replicas,
        partitions=2 ** ceil(log2(max(replicas.values()))) if replicas else 1,
        postgres_servers=max(1, ceil(servers)),
        wal_mb_a_second=round(wal_mb, 2),
        tables_gb_a_day=round(rate * DAY * cost.table_bytes / 1e9, 1),
        log_gb_a_day=round(rate * DAY * cost.log_bytes / 1e9, 1),
    )


def saturation(cost: Cost) -> dict[str, int]:
    """Events a second at which each is full: one replica of a processor, one server of Postgres.
    The smallest is what has to be multiplied first."""
    most = {
        name: round((SERVER_CORES if name in SERVERS else 1) / seconds)
        for name, seconds in cost.cpu.items()
        if seconds > 0
    }
    return dict(sorted(most.items(), key=lambda row: row[1]))
