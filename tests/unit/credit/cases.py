"""Builders of what credit reads, and of the pointers it is asked by."""

from decimal import Decimal
from typing import Any

from processors.credit.snapshot import Case, FoundConversion, FoundTouches, TenantSettings
from processors.domain.local_days import local_date
from processors.engine.outcome import Dead
from processors.engine.processor import Item, Message
from schemas.conversion import ConversionPointer

TENANT = "acme"
DAY = 86_400_000
CONVERTED_AT = 1_700_000_000_500

Touch = tuple[str, int, bool, str, str, str]
"""In the order of the lists of FoundTouches."""


def pointer(conversion_id: str, *, rev: int = 1, offset: int = 0) -> Item:
    record = ConversionPointer(tenant_id=TENANT, conversion_id=conversion_id, rev=rev)
    return Item(_message(offset), record)


def undecodable(offset: int = 0) -> Item:
    return Item(_message(offset), Dead("undecodable"))


def _message(offset: int) -> Message:
    return Message("conversions.v1", 0, offset, CONVERTED_AT, b"acme|c", b"")


def touch(name: str, *, days: float = 1.0, channel: str = "email", view: bool = False) -> Touch:
    return name, CONVERTED_AT - round(days * DAY), view, channel, "klaviyo", "spring"


def case(
    *touches: Touch,
    settings: TenantSettings | None = None,
    rate: Decimal | None = Decimal(1),
    **changes: Any,
) -> Case:
    fields: dict[str, Any] = {
        "tenant_id": TENANT,
        "conversion_id": "c1",
        "epoch": "e",
        "rev": 3,
        "source": "api",
        "order_id": "1001",
        "person_id": "visitor:v",
        "currency": "USD",
        "net": 10_000,
        "converted_at": CONVERTED_AT,
        "status": "paid",
        "is_pending": False,
        "deliverable": True,
    }
    fields |= changes
    own = settings or TenantSettings()
    return Case(
        conversion=FoundConversion(**fields),
        settings=own,
        date=local_date(fields["converted_at"], own.time_zone),
        rate=rate,
        touches=FoundTouches(*zip(*touches, strict=True)),
    )
