"""Credits as the credit processor makes them, from a journey of random touches."""

import random
from typing import Any

from processors.domain.attribution import CreditSettings
from processors.domain.attribution.custom_document import parse
from processors.engine.processor import Item, Message
from schemas.credit import CreditedTouch, Credits
from schemas.spend import Spend
from tests.support.crediting import Journey, Touch, credit_batch

EPOCH = "00000000-0000-0000-0000-00000000000e"
DAY = 86_400_000
CONVERTED_AT = 1_700_000_000_000
CHANNELS = (("direct", "none"), ("email", "klaviyo"), ("paid_social", "meta"))


def credits(
    conversion_id: str = "c1",
    *,
    rev: int = 1,
    seed: int = 0,
    touches: int | None = None,
    custom: str = "",
    epoch: str = EPOCH,
    **changes: Any,
) -> Credits:
    """The same arguments make the same record; another seed makes another journey. `custom` is
    the document of the tenant's own model."""
    rng = random.Random(f"{conversion_id}/{seed}")
    model = parse(custom)
    count = rng.randint(0, 4) if touches is None else touches
    journey = Journey(
        converted_at=CONVERTED_AT,
        revenue=rng.randint(0, 50_000),
        revenue_reporting=None,
        touches=[
            Touch(f"t{n}", CONVERTED_AT - rng.randint(0, 120) * DAY, False, "email")
            for n in range(count)
        ],
        settings=CreditSettings(custom=model),
    )
    (credited,) = credit_batch([journey])
    found = {
        "tenant_id": "acme",
        "conversion_id": conversion_id,
        "epoch": epoch,
        "rev": rev,
        "settings_version": "s",
        "model_version": "untrained",
        "fallback_models": ("data_driven",),
        "custom_version": None if model is None else model.version,
        "source": "api",
        "order_id": conversion_id,
        "state": "ready" if credited.touches else "unattributed",
        "status": "paid",
        "deliverable": True,
        "counts": rng.random() < 0.8,
        "converted_at": CONVERTED_AT,
        "date": f"2023-11-{rng.randint(10, 12)}",
        "currency": "USD",
        "reporting_currency": "USD",
        "revenue": journey.revenue,
        "revenue_reporting": journey.revenue,
        "touches": tuple(
            CreditedTouch(
                touchpoint_id=journey.touches[index].touchpoint_id,
                date=f"2023-10-{rng.randint(10, 12)}",
                channel=channel,
                platform=platform,
                campaign=rng.choice(("", 'spring "24"', "a\\b,{c}")),
                first_window=window,
                occurred_at=journey.touches[index].occurred_at,
            )
            for index, window in zip(credited.touches, credited.first_window, strict=True)
            for channel, platform in [rng.choice(CHANNELS)]
        ),
        "credit": credited.credit.ravel().tolist(),
        "touch_revenue": credited.revenue.ravel().tolist(),
        "touch_revenue_reporting": None,
    }
    return Credits.model_validate(found | changes)


def spend(**changes: Any) -> Spend:
    found = {
        "tenant_id": "acme",
        "source": "upload",
        "account_id": "act_1",
        "date": "2023-11-11",
        "platform": "meta",
        "currency": "USD",
        "amount": 5_000,
        "reported_at": 1,
        "received_at": 1,
    }
    return Spend.model_validate(found | changes)


def item(record: Credits | Spend, *, offset: int = 0, partition: int = 0) -> Item:
    topic = "credits.v1" if isinstance(record, Credits) else "spend.v1"
    key = f"{record.tenant_id}|k".encode()
    return Item(Message(topic, partition, offset, CONVERTED_AT, key, b""), record)
