"""Snapchat's Conversions API without the pipeline: see `processors.platforms.direct`.

    bought = DirectEvent(occurred_at=now_ms, order_id=1001, value="129.90", currency="EUR",
                         user_data={"email": "mary@example.com"},
                         browser=Browser(url="https://shop.example/thanks"))
    result = await send_purchase_event(pixel_id, access_token, bought)

`result.verdict` is `sent`, or tells with `result.error` why not.

>>> hash_pii("+44 844 412 4653", "phone")
'dc008fda46e2e64002cf2f82a4906236282d431c4f75e5b60bfe79fc48546383'
"""

from typing import Final

from processors.domain.normalise import CLEAR_KEYS
from processors.platforms.direct import Direct
from processors.platforms.snapchat.client import Snapchat

SNAPCHAT: Final = Direct(
    Snapchat, credential="access_token", forms=CLEAR_KEYS | {"external_id": "external_id_lower"}
)

send_event = SNAPCHAT.send_event
send_purchase_event = SNAPCHAT.send_purchase_event
hash_pii = SNAPCHAT.hash_pii
