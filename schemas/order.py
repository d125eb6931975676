"""`orders.v1`: one snapshot of an order. All snapshots of an order fold into one conversion."""

from typing import Literal

from pydantic import Field

from schemas.envelope import (
    Browser,
    Consent,
    Content,
    Currency,
    Frozen,
    Id,
    Identifiers,
    Marketing,
    Millis,
    Minor,
    Record,
    UserData,
)

OrderStatus = Literal[
    "pending", "paid", "partially_refunded", "refunded", "cancelled", "charged_back"
]


class Refund(Frozen):
    """One refund; the set of refunds of an order only grows."""

    refund_id: Id
    amount: Minor
    refunded_at: Millis | None = None


class Dispute(Frozen):
    """A chargeback. Of what is told of one id the latest decision stands; of two of one time,
    and of none, lost stands above won and won above open."""

    dispute_id: Id
    status: Literal["open", "won", "lost"] = Field(description="won: the shop has the money back")
    decided_at: Millis | None = None


class Batch(Frozen):
    """The row of an upload of offline conversions that an order came in."""

    batch_id: Id
    row: int = Field(ge=1, le=10**9, description="place among the rows of the file, from 1")
    platform: Id | None = Field(None, description="the destination that it is meant for")
    upload_type: Id


class Order(Record):
    """A snapshot. Order ids are unique within a source only."""

    source: Id
    order_id: Id = Field(description="normalised: gid://shopify/Order/123 is 123")
    event_id: Id = Field(description="the caller's id or the content hash of this snapshot")
    content_hash: Id
    received_at: Millis
    updated_at: Millis | None = None
    ordered_at: Millis | None = None
    paid_at: Millis | None = Field(None, description="when it was paid, if the shop says")
    status: OrderStatus | None = None
    test: bool = False
    currency: Currency | None = None
    gross: Minor | None = None
    refunded: Minor | None = Field(None, description="cumulative refunded amount, if the shop says")
    refunds: tuple[Refund, ...] = ()
    disputes: tuple[Dispute, ...] = ()
    visitor_id: Id | None = None
    session_id: Id | None = None
    identifiers: Identifiers = Identifiers()
    marketing: Marketing = Marketing()
    browser: Browser = Browser()
    user_data: UserData = UserData()
    discount_codes: tuple[str, ...] = ()
    line_items: tuple[Content, ...] = ()
    checkout_id: Id | None = None
    consent: Consent | None = None
    event_name: Id | None = Field(
        None, description="what an offline conversion is called; a Purchase without it"
    )
    batch: Batch | None = None
    precedence: Literal["shop", "pixel"] = Field(
        "shop", description="a pixel's own purchase is the version of lowest precedence"
    )
    junk_ids: int = 0
    erased: bool = Field(
        False, description="of an erased person: only the money is left, and nobody is told of it"
    )
    unknown_topic: str | None = Field(
        None, description="a webhook topic that we do not know; the record is kept and filtered"
    )
