"""Meta's Conversions API without the pipeline: see `processors.platforms.direct`.

    bought = DirectEvent(occurred_at=now_ms, order_id=1001, value="129.90", currency="EUR",
                         user_data={"email": "mary@example.com"})
    result = await send_purchase_event(pixel_id, access_token, bought)

`result.verdict` is `sent`, or tells with `result.error` why not.

>>> hash_pii(" Mary@Example.com ") == hash_pii("mary@example.com", "email")
True
"""

from typing import Final

from processors.domain.normalise import CLEAR_KEYS
from processors.platforms.direct import Direct
from processors.platforms.meta.client import Meta

META: Final = Direct(Meta, credential="access_token", forms=CLEAR_KEYS)

send_event = META.send_event
send_purchase_event = META.send_purchase_event
hash_pii = META.hash_pii
