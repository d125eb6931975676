"""What replicas tell each other of a tenant at a platform, through `delivery_gates`. Times are
epoch milliseconds."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from processors.fanout.handle import Batch
from processors.platforms.resilience import Circuit


@dataclass(frozen=True, slots=True)
class Opening:
    """A circuit was open from `opened_ms` until `until_ms`."""

    tenant_id: str
    opened_ms: int
    until_ms: int


@dataclass(frozen=True, slots=True)
class Standing:
    """How it stands for all replicas."""

    tenant_id: str
    circuit: Circuit
    paused_until_ms: int


@dataclass(frozen=True, slots=True)
class Permit:
    """So many requests may start now; `tokens` are left for everybody. While a probe is
    under way, nothing is granted until `probed_until_ms` at the latest."""

    standing: Standing
    requests: int
    tokens: float
    probed_until_ms: int


@dataclass(frozen=True, slots=True)
class Report:
    """What one replica learned since it reported last. `is_closed` wipes what was known of the
    circuit before, `is_fresh` of a pause, and what follows comes after it."""

    tenant_id: str
    is_closed: bool = False
    is_fresh: bool = False
    is_answered: bool = False
    failures: int = 0
    trips: int = 0
    open_until_ms: int | None = None
    paused_until_ms: int | None = None

    def closed(self) -> "Report":
        """The platform answered sensibly."""
        return Report(
            self.tenant_id,
            is_closed=True,
            is_fresh=self.is_fresh,
            paused_until_ms=self.paused_until_ms,
        )

    def failed(self) -> "Report":
        """One more failure."""
        return replace(self, is_answered=True, failures=self.failures + 1)

    def opened(self, circuit: Circuit) -> "Report":
        """The circuit opened."""
        return replace(
            self, is_answered=True, trips=circuit.trips, open_until_ms=circuit.open_until_ms
        )

    def answered(self) -> "Report":
        """A probe that tells nothing, and makes room for another."""
        return replace(self, is_answered=True)

    def paused(self, until_ms: int) -> "Report":
        """The platform asked for a rest."""
        return replace(self, paused_until_ms=until_ms)


def permitted(chosen: Sequence[Batch], permits: Iterable[Permit]) -> list[Batch]:
    """Of each tenant's requests the first ones, as many as were granted."""
    left = {permit.standing.tenant_id: permit.requests for permit in permits}
    kept: list[Batch] = []
    for batch in chosen:
        if left.get(batch.tenant_id, 0) > 0:
            left[batch.tenant_id] -= 1
            kept.append(batch)
    return kept
