"""TikTok's Events API without the pipeline: see `processors.platforms.direct`.

    bought = DirectEvent(occurred_at=now_ms, order_id=1001, value="129.90", currency="EUR",
                         user_data={"email": "mary@example.com"},
                         browser=Browser(url="https://shop.example/thanks"))
    result = await send_purchase_event(pixel_code, access_token, bought)

`result.verdict` is `sent`, or tells with `result.error` why not. Places TikTok takes in clear, so
that there is no hash of them.

>>> hash_pii(" Mary@Example.com ") == hash_pii("mary@example.com", "email")
True
"""

from typing import Final

from processors.platforms.direct import Direct
from processors.platforms.tiktok.client import TikTok
from processors.platforms.tiktok.convert import HASHED

TIKTOK: Final = Direct(TikTok, credential="access_token", forms=HASHED)

send_event = TIKTOK.send_event
send_purchase_event = TIKTOK.send_purchase_event
hash_pii = TIKTOK.hash_pii
