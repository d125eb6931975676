"""Meta's Conversions API without the pipeline: see `processors.platforms.direct`.

    bought = DirectEvent(occurred_at=now_ms, order_id=1001, value="129.90", currency="EUR",
                         user_data={"email": "mary@example.com"})
    result = await send_purchase_event(pixel_id, access_token, bought)

`result.verdict` is `sent`, or tells with `result.error` why not.
"""

import asyncio

from processors.domain.normalise import CLEAR_KEYS
from processors.engine.clock import wall_clock
from processors.platforms import direct
from processors.platforms.base import Account, Result
from processors.platforms.meta.client import Meta


async def send_event(
    pixel_id: str,
    access_token: str,
    event: direct.DirectEvent,
    *,
    retries: int = 3,
    sleep: direct.Sleep = asyncio.sleep,
) -> Result:
    """One standard or custom event.

    Raises:
        ValueError: naming the field of the event that is missing or wrong.
    """
    said = direct.delivery(event, "meta", pixel_id)
    account = Account(direct.TENANT, pixel_id, {"access_token": access_token})
    meta = Meta.load(wall_clock)
    try:
        return await direct.send(meta, account, said, retries=retries, sleep=sleep)
    finally:
        await meta.close()


async def send_purchase_event(
    pixel_id: str,
    access_token: str,
    event: direct.DirectEvent,
    *,
    retries: int = 3,
    sleep: direct.Sleep = asyncio.sleep,
) -> Result:
    """One purchase, as `send_event`."""
    if event.event_name != "Purchase":
        raise ValueError("event_name must be Purchase")
    return await send_event(pixel_id, access_token, event, retries=retries, sleep=sleep)


def hash_pii(value: str, kind: str | None = None) -> str:
    """SHA-256 in Meta's form; `kind` is email, phone, first_name, and so on.

    >>> hash_pii(" Mary@Example.com ") == hash_pii("mary@example.com", "email")
    True
    """
    return direct.hash_pii(value, kind, forms=CLEAR_KEYS)
