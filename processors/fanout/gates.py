"""What stands between a tenant's queue and a platform: one gate for each, so that neither a
tenant nor a platform in trouble holds up another."""

import logging
from dataclasses import dataclass, field

from processors.engine.metrics import Metrics
from processors.fanout.settings import FanoutSettings
from processors.platforms.base import Account, Answer
from processors.platforms.resilience import CircuitBreaker, TokenBucket

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Gate:
    """Rate limit, circuit and requests under way of one tenant at one platform."""

    bucket: TokenBucket
    breaker: CircuitBreaker
    in_flight: int = 0
    paused_until_ms: int = 0
    waiting_since_ms: int | None = field(default=None)


class Gates:
    """The gates of one platform."""

    def __init__(self, platform: str, settings: FanoutSettings, metrics: Metrics) -> None:
        self._platform = platform
        self._settings = settings
        self._metrics = metrics
        self._gates: dict[str, Gate] = {}
        self._accounts: dict[str, Account] = {}

    def room(self, tenant_id: str, *, now_ms: int) -> int:
        """How many requests the tenant may start now."""
        gate = self._gate(tenant_id)
        if now_ms < gate.paused_until_ms:
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

    def again(self, tenant_id: str, *, now_ms: int) -> int:
        """A further request within one that is under way; milliseconds until it may start."""
        return self._gate(tenant_id).bucket.reserve(now_ms)

    def learn(self, tenant_id: str, answer: Answer, *, now_ms: int) -> None:
        """What an answer says of the account's health."""
        gate = self._gate(tenant_id)
        if answer.pause_seconds > 0:
            gate.paused_until_ms = now_ms + round(answer.pause_seconds * 1000)
        verdicts = {result.verdict for result in answer.results}
        if verdicts & {"sent", "rejected"}:
            gate.breaker.succeeded()
        elif "reauth" in verdicts:
            gate.breaker.trip(now_ms)
            self._warn(tenant_id)
        elif verdicts & {"retry", "unknown"}:
            if gate.breaker.failed(now_ms):
                self._warn(tenant_id)
        else:
            gate.breaker.answered()
        self._measure(now_ms)

    def know(self, accounts: dict[str, Account]) -> None:
        """Take the tenants' accounts; other credentials are a fresh start."""
        for tenant_id, account in accounts.items():
            if self._accounts.get(tenant_id, account) != account:
                gate = self._gate(tenant_id)
                gate.paused_until_ms = 0
                gate.breaker.succeeded()
        self._accounts = accounts

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
                log.debug("Rate limit wait", extra={"platform": self._platform})
        elif gate.waiting_since_ms is not None:
            self._metrics.observe(
                "attributary_rate_limit_wait_seconds",
                (now_ms - gate.waiting_since_ms) / 1000,
                platform=self._platform,
            )
            gate.waiting_since_ms = None

    def _warn(self, tenant_id: str) -> None:
        log.warning(f"Circuit OPEN for {self._platform}", extra={"tenant_id": tenant_id})

    def _measure(self, now_ms: int) -> None:
        shut = sum(gate.breaker.state(now_ms) != "closed" for gate in self._gates.values())
        self._metrics.gauge("attributary_open_circuits", shut, platform=self._platform)
