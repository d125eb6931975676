"""What stands between a tenant's queue and a platform: one gate for each, so that neither a
tenant nor a platform in trouble holds up another. A gate knows what this replica saw and what it
was told of the others; what it may do is granted for all of them together (see `sharing`)."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from processors.engine.metrics import Metrics
from processors.fanout.settings import FanoutSettings
from processors.fanout.standing import Opening, Permit, Report, Standing
from processors.platforms.base import Account, Answer
from processors.platforms.resilience import Circuit, CircuitBreaker, TokenBucket

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Gate:
    """Rate limit, circuit and requests under way of one tenant at one platform."""

    bucket: TokenBucket
    breaker: CircuitBreaker
    in_flight: int = 0
    paused_until_ms: int = 0
    waiting_since_ms: int | None = field(default=None)
    opened_ms: int | None = None
    probed_until_ms: int = 0
    report: Report | None = None


class Gates:
    """The gates of one platform."""

    def __init__(self, platform: str, settings: FanoutSettings, metrics: Metrics) -> None:
        self._platform = platform
        self._settings = settings
        self._metrics = metrics
        self._gates: dict[str, Gate] = {}
        self._accounts: dict[str, Account] = {}
        self._openings: dict[tuple[str, int], Opening] = {}
        self._reports: list[Report] = []

    def room(self, tenant_id: str, *, now_ms: int) -> int:
        """How many requests the tenant may start now."""
        gate = self._gate(tenant_id)
        if now_ms < max(gate.paused_until_ms, gate.probed_until_ms):
            return 0
        room = self._settings.in_flight_per_tenant - gate.in_flight
        probes = gate.breaker.room(now_ms)
        if probes is not None:
            room = min(room, probes)
        if room <= 0:
            return 0
        tokens = gate.bucket.available(now_ms)
        self._note_wait(gate, tokens, now_ms)
        return min(room, tokens)

    def start(self, tenant_id: str, *, now_ms: int) -> None:
        """A request of the tenant starts."""
        gate = self._gate(tenant_id)
        gate.bucket.take(now_ms)
        gate.breaker.started(now_ms)
        gate.in_flight += 1

    def end(self, tenant_id: str) -> None:
        """A request of the tenant is over."""
        self._gate(tenant_id).in_flight -= 1

    def again(self, wait_ms: int) -> None:
        """A further request within one that is under way may start after so many milliseconds."""
        if wait_ms:
            self._tell_wait()
            self._measure_wait(wait_ms)

    def learn(self, tenant_id: str, answer: Answer, *, now_ms: int) -> None:
        """What an answer says of the account's health."""
        gate = self._gate(tenant_id)
        if gate.breaker.is_probing:
            gate.report = _report(gate, tenant_id).answered()
        if answer.pause_seconds > 0:
            gate.paused_until_ms = now_ms + round(answer.pause_seconds * 1000)
            gate.report = _report(gate, tenant_id).paused(gate.paused_until_ms)
        verdicts = {result.verdict for result in answer.results}
        if verdicts & {"sent", "rejected"}:
            self._close(tenant_id, now_ms=now_ms)
        elif "reauth" in verdicts:
            gate.breaker.trip(now_ms)
            self._opened(tenant_id, now_ms=now_ms)
        elif verdicts & {"retry", "unknown"}:
            gate.report = _report(gate, tenant_id).failed()
            if gate.breaker.failed(now_ms):
                self._opened(tenant_id, now_ms=now_ms)
        else:
            gate.breaker.answered()
        self._measure(now_ms)

    def permitted(self, permits: Iterable[Permit], *, now_ms: int) -> None:
        """Take what was granted, and how it stands for all."""
        for permit in permits:
            gate = self._gate(permit.standing.tenant_id)
            gate.bucket.adopt(permit.tokens + permit.requests, now_ms)
            gate.probed_until_ms = 0 if permit.requests else permit.probed_until_ms
            self._adopt(permit.standing)
        self._measure(now_ms)

    def refresh(self, shut: Sequence[Standing], *, now_ms: int) -> None:
        """Take who is paused or has an open circuit at any replica: nobody else has."""
        for standing in shut:
            self._adopt(standing)
        named = {standing.tenant_id for standing in shut}
        for tenant_id, gate in self._gates.items():
            is_shut = gate.breaker.circuit.open_until_ms is not None or gate.paused_until_ms
            if is_shut and tenant_id not in named:
                self._adopt(Standing(tenant_id, Circuit(), 0))
        self._measure(now_ms)

    def _adopt(self, standing: Standing) -> None:
        """What this replica has still to report is newer than what the others know."""
        gate = self._gate(standing.tenant_id)
        if gate.report is not None:
            return
        if standing.circuit.open_until_ms != gate.breaker.circuit.open_until_ms:
            gate.opened_ms = None
            if standing.circuit.open_until_ms is None:
                gate.probed_until_ms = 0
        gate.breaker.adopt(standing.circuit)
        gate.paused_until_ms = standing.paused_until_ms

    def know(self, accounts: dict[str, Account], *, now_ms: int) -> None:
        """Take the tenants' accounts; other credentials are a fresh start."""
        for tenant_id, account in accounts.items():
            if self._accounts.get(tenant_id, account) != account:
                gate = self._gate(tenant_id)
                gate.paused_until_ms = gate.probed_until_ms = 0
                self._close(tenant_id, now_ms=now_ms)
                gate.report = Report(tenant_id, is_closed=True, is_fresh=True)
                self._measure(now_ms)
        self._accounts = accounts

    def openings(self) -> list[Opening]:
        """What is to be written of circuits that opened, or closed before their time."""
        return list(self._openings.values())

    def written(self, openings: Iterable[Opening]) -> None:
        """These are in the database; one that has changed since is still to be written."""
        for each in openings:
            key = each.tenant_id, each.opened_ms
            if self._openings.get(key) == each:
                del self._openings[key]

    def reports(self) -> list[Report]:
        """What is to be told to the other replicas: the same again until `reported` is called."""
        if not self._reports:
            for gate in self._gates.values():
                if gate.report is not None:
                    self._reports.append(gate.report)
                    gate.report = None
        return self._reports

    def reported(self) -> None:
        """The last reports are in the database."""
        self._reports = []

    def _gate(self, tenant_id: str) -> Gate:
        gate = self._gates.get(tenant_id)
        if gate is None:
            settings = self._settings
            gate = self._gates[tenant_id] = Gate(
                TokenBucket(settings.bucket_capacity, settings.bucket_per_second),
                CircuitBreaker(
                    settings.breaker_failures, round(settings.breaker_recovery_seconds * 1000)
                ),
            )
        return gate

    def _note_wait(self, gate: Gate, tokens: int, now_ms: int) -> None:
        if not tokens:
            if gate.waiting_since_ms is None:
                gate.waiting_since_ms = now_ms
                self._tell_wait()
        elif gate.waiting_since_ms is not None:
            self._measure_wait(now_ms - gate.waiting_since_ms)
            gate.waiting_since_ms = None

    def _tell_wait(self) -> None:
        log.debug("Rate limit wait", extra={"platform": self._platform})

    def _measure_wait(self, wait_ms: int) -> None:
        self._metrics.observe(
            "attributary_rate_limit_wait_seconds", wait_ms / 1000, platform=self._platform
        )

    def _opened(self, tenant_id: str, *, now_ms: int) -> None:
        gate = self._gate(tenant_id)
        circuit = gate.breaker.circuit
        gate.opened_ms = now_ms
        gate.report = _report(gate, tenant_id).opened(circuit)
        self._note(tenant_id, now_ms, until_ms=circuit.open_until_ms or now_ms)
        log.warning(f"Circuit OPEN for {self._platform}", extra={"tenant_id": tenant_id})

    def _close(self, tenant_id: str, *, now_ms: int) -> None:
        gate = self._gate(tenant_id)
        if gate.breaker.state(now_ms) == "open" and gate.opened_ms is not None:
            self._note(tenant_id, gate.opened_ms, until_ms=now_ms)
        if gate.breaker.circuit != Circuit() or gate.report is not None:
            gate.report = _report(gate, tenant_id).closed()
        gate.breaker.succeeded()

    def _note(self, tenant_id: str, opened_ms: int, *, until_ms: int) -> None:
        self._openings[tenant_id, opened_ms] = Opening(tenant_id, opened_ms, until_ms)

    def _measure(self, now_ms: int) -> None:
        shut = sum(gate.breaker.state(now_ms) != "closed" for gate in self._gates.values())
        self._metrics.gauge("attributary_open_circuits", shut, platform=self._platform)


def _report(gate: Gate, tenant_id: str) -> Report:
    return gate.report or Report(tenant_id)
