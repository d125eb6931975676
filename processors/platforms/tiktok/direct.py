"""TikTok's Events API without the pipeline: see `processors.platforms.direct`.

    bought = DirectEvent(occurred_at=now_ms, order_id=1001, value="129.90", currency="EUR",
                         user_data={"email": "mary@example.com"},
                         browser=Browser(url="https://shop.example/thanks"))
    result = await send_purchase_event(pixel_code, access_token, bought)

`result.verdict` is `sent`, or tells with `result.error` why not.
"""

import asyncio

from processors.engine.clock import wall_clock
from processors.platforms import direct
from processors.platforms.base import Account, Result
from processors.platforms.tiktok.client import TikTok
from processors.platforms.tiktok.convert import HASHED


async def send_event(
    pixel_code: str,
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
    said = direct.delivery(event, "tiktok", pixel_code)
    account = Account(direct.TENANT, pixel_code, {"access_token": access_token})
    tiktok = TikTok.load(wall_clock)
    try:
        return await direct.send(tiktok, account, said, retries=retries, sleep=sleep)
    finally:
        await tiktok.close()


async def send_purchase_event(
    pixel_code: str,
    access_token: str,
    event: direct.DirectEvent,
    *,
    retries: int = 3,
    sleep: direct.Sleep = asyncio.sleep,
) -> Result:
    """One purchase, as `send_event`."""
    if event.event_name != "Purchase":
        raise ValueError("event_name must be Purchase")
    return await send_event(pixel_code, access_token, event, retries=retries, sleep=sleep)


def hash_pii(value: str, kind: str | None = None) -> str:
    """SHA-256 in TikTok's form; `kind` is email, phone, first_name, last_name, zip
    or external_id: places TikTok takes in clear.

    >>> hash_pii(" Mary@Example.com ") == hash_pii("mary@example.com", "email")
    True
    """
    return direct.hash_pii(value, kind, forms=HASHED)
