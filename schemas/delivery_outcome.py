"""`delivery_outcomes.v1`: how a delivery ended. Compacted and kept for good: a rebuild restores
claims and the ledger from it first, so that nothing is sent twice."""

from typing import Literal

from schemas.delivery import DeliveryKind, Platform
from schemas.envelope import Millis, Record

FinalState = Literal["sent", "rejected", "expired", "unknown", "filtered"]


class DeliveryOutcome(Record):
    """The last word on (tenant, platform, event_id, kind)."""

    platform: Platform
    event_id: str
    kind: DeliveryKind
    event_name: str
    order_id: str | None = None
    occurred_at: Millis
    state: FinalState
    attempts: int
    http_status: int | None = None
    error: str | None = None
    finished_at: Millis
