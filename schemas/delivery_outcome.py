"""`delivery_outcomes.v1`: how a delivery ended. Compacted and kept for good: a rebuild restores
claims and the ledger from it first, so that nothing is sent twice."""

from typing import Literal

from pydantic import Field

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
    source: str | None = Field(None, description="whose order it is; order ids are unique within")
    value: int | None = Field(None, description="minor units; of a refund what it took back")
    turn: int | None = Field(
        None, ge=0, description="of a retraction: how many the platform is told of its order before"
    )
    occurred_at: Millis
    state: FinalState
    attempts: int
    http_status: int | None = None
    error: str | None = None
    finished_at: Millis
