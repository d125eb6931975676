"""Commands of a batch: for each subject the greatest (issued_at, command_id) stands."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TypeVar

from processors.domain.attribution.model_document import UNTRAINED, parse
from processors.domain.consent import DENIED, GRANTED, PROCESSING
from processors.engine.outcome import APPLIED, DUPLICATE, Dead, Outcome
from schemas.command import (
    Command,
    Erase,
    PromoteModel,
    Recalculate,
    SetConsent,
    SetInfluencer,
    SetOfflineBatch,
    SetRate,
    SetSetting,
    Suppress,
    Unlink,
)

Stamp = tuple[int, str]
Subject = tuple[str, ...]
Value = TypeVar("Value")

CAP_KEY = "identity_fan_in_cap"
LAST_MS = 253_402_300_799_999
RULES_KEY = "channel_rules"
SHOWN_ONLY = frozenset(
    {
        "enabled_models", "enabled_windows", "fairing_bridge_enabled", "model_promotion",
        "restate_on_promotion", "half_life_fit", "redirect_hosts", "ip_policy", "gpc", "dnt",
        "anonymous_visitors", "id_cookie", "id_cookie_domains", "benchmarks", "industry",
        "retention_delivery_log_days", "retention_consent_log_days", "retention_audit_log_days",
        "retention_touchpoints_days", "retention_pixel_events_days", "retention_payloads_days",
    }
)  # fmt: skip
"""Settings of what is shown or kept, of jobs and of the gateway, which change no conversion."""
RATE_CHARACTERS = 40
"""More digits than any rate has, and fewer than the column could not hold."""


@dataclass(slots=True)
class Commands:
    """Rows by table, keyed by subject, each with its stamp; which items stand for which; and the
    conversions (by id or by time) that somebody asked to look at again."""

    settings: dict[Subject, tuple[str, Stamp]] = field(default_factory=dict)
    rates: dict[Subject, tuple[Decimal, Stamp]] = field(default_factory=dict)
    unlinks: dict[Subject, tuple[bool, Stamp]] = field(default_factory=dict)
    consents: dict[Subject, tuple[str, Stamp]] = field(default_factory=dict)
    asked: set[tuple[str, str]] = field(default_factory=set)
    spans: set[tuple[str, int, int]] = field(default_factory=set)
    influencers: dict[Subject, tuple[str, Stamp]] = field(default_factory=dict)
    batches: dict[Subject, tuple[SetOfflineBatch, Stamp]] = field(default_factory=dict)
    models: dict[Subject, tuple[PromoteModel, Stamp]] = field(default_factory=dict)
    items: dict[Subject, int] = field(default_factory=dict)
    superseded: list[int] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(
            self.settings
            or self.rates
            or self.unlinks
            or self.consents
            or self.influencers
            or self.batches
            or self.models
        )

    def add(self, index: int, record: Command) -> Outcome:
        """Note the command unless a later one for its subject is in the batch."""
        tenant, stamp, body = record.tenant_id, (record.issued_at, record.command_id), record.body
        match body:
            case SetSetting(key=key, value=value):
                return self._keep(self.settings, (tenant, key), value, stamp, index)
            case SetRate():
                try:
                    date.fromisoformat(body.date)
                except ValueError:
                    return Dead("invalid", "body.date is no date")
                rate = Decimal(body.rate)
                if not rate or len(body.rate) > RATE_CHARACTERS:
                    return Dead("invalid", "body.rate is no rate")
                subject = (tenant, body.currency, body.reporting, body.date)
                return self._keep(self.rates, subject, rate, stamp, index)
            case Unlink():
                a, b = sorted((body.a, body.b))
                return self._keep(self.unlinks, (tenant, a, b), body.linked, stamp, index)
            case SetConsent():
                flags = body.consent.model_dump(exclude_none=True)
                return self._decide(tenant, body.ids, flags, stamp, index)
            case Suppress():
                flags = {PROCESSING: DENIED if body.suppressed else GRANTED}
                return self._decide(tenant, body.ids, flags, stamp, index)
            case Recalculate(conversions=named, since=since, until=until):
                self.asked |= {(tenant, conversion) for conversion in named}
                if not named:
                    self.spans.add((tenant, since or 0, LAST_MS if until is None else until))
                return APPLIED
            case SetInfluencer(influencer_id=name):
                text = body.model_dump_json()
                return self._keep(
                    self.influencers, (tenant, name, "influencer"), text, stamp, index
                )
            case SetOfflineBatch():
                report = (tenant, body.batch_id, record.command_id)
                return self._keep(self.batches, report, body, stamp, index)
            case PromoteModel():
                return self._promote(tenant, body, stamp, index)
            case Erase():
                return APPLIED

    def _decide(
        self,
        tenant: str,
        names: tuple[str, ...],
        flags: dict[str, str],
        stamp: Stamp,
        index: int,
    ) -> Outcome:
        kept = [
            self._keep(self.consents, (tenant, name, flag), value, stamp, index)
            for name in names
            for flag, value in flags.items()
        ]
        return APPLIED if APPLIED in kept else DUPLICATE

    def _promote(self, tenant: str, body: PromoteModel, stamp: Stamp, index: int) -> Outcome:
        """Every promotion is kept, since which one stands depends on the conversion."""
        version = UNTRAINED
        try:
            if body.document:
                version = parse(body.document).version
        except ValueError as error:
            return Dead("invalid", f"body.document.{error}")
        self.spans.add((tenant, body.applies_from, LAST_MS + 1))
        promotion = (tenant, *map(str, stamp), str(body.applies_from), version)
        return self._keep(self.models, promotion, body, stamp, index)

    def _keep(
        self,
        table: dict[Subject, tuple[Value, Stamp]],
        subject: Subject,
        value: Value,
        stamp: Stamp,
        index: int,
    ) -> Outcome:
        standing = table.get(subject)
        if standing is not None and standing[1] >= stamp:
            return DUPLICATE
        table[subject] = (value, stamp)
        previous = self.items.get(subject)
        if previous is not None and previous != index:
            self.superseded.append(previous)
        self.items[subject] = index
        return APPLIED
