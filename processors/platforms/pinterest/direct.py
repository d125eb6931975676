"""Pinterest's Conversions API without the pipeline: see `processors.platforms.direct`.

    bought = DirectEvent(occurred_at=now_ms, order_id=1001, value="129.90", currency="EUR",
                         user_data={"email": "mary@example.com"})
    result = await send_purchase_event(ad_account_id, access_token, bought)

`result.verdict` is `sent`, or tells with `result.error` why not.

>>> hash_pii("94105-1234", "zip") == hash_pii("94105", "zip")
True
"""

from typing import Final

from processors.domain.normalise import CLEAR_KEYS
from processors.platforms.direct import Direct
from processors.platforms.pinterest.client import Pinterest

_NAMES: Final = {"first_name": "fn_google", "last_name": "ln_google"}

PINTEREST: Final = Direct(Pinterest, credential="access_token", forms=CLEAR_KEYS | _NAMES)

send_event = PINTEREST.send_event
send_purchase_event = PINTEREST.send_purchase_event
hash_pii = PINTEREST.hash_pii
