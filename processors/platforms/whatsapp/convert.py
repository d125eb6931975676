"""Deliveries as a request of the Conversions API for Business Messaging. Pure.

An event is matched by the click id of the ad that opened the chat, raw, and the business account
(WABA) of the chat; hashes of the person in Meta's form come along. Nothing of a browser is sent:
the event is one of the chat, not of a page.
"""

from collections.abc import Sequence
from typing import Final

import orjson

from processors.domain.event_names import platform_name
from processors.platforms.base import Account, Request, Unsendable
from processors.platforms.meta.convert import HASHED, custom_data
from processors.platforms.payload import compact, hashed_person
from processors.platforms.whatsapp.settings import WhatsAppSettings
from schemas.delivery import Delivery
from schemas.envelope import Json

CHANNEL: Final = "whatsapp"


def refusal(delivery: Delivery) -> str | None:
    """Why Meta would never take it, or None."""
    try:
        event(delivery, waba_id="", now_ms=delivery.occurred_at)
    except Unsendable as error:
        return str(error)
    return None


def request(
    deliveries: Sequence[Delivery], account: Account, *, settings: WhatsAppSettings, now_ms: int
) -> Request:
    """One request with these events."""
    waba_id = account.secret("waba_id")
    body: Json = {"data": [event(each, waba_id=waba_id, now_ms=now_ms) for each in deliveries]}
    if settings.test_event_code:
        body["test_event_code"] = settings.test_event_code
    return Request(
        url=f"{settings.base_url.rstrip('/')}/{settings.version}/{account.account_id}/events",
        body=orjson.dumps(body),
        headers={"authorization": f"Bearer {account.secret('access_token')}"},
    )


def event(delivery: Delivery, *, waba_id: str, now_ms: int) -> Json:
    """One event of a chat; a future time is sent as now.

    Raises:
        Unsendable: if Meta would refuse it, and its whole batch with it.
    """
    if delivery.kind != "event":
        raise Unsendable(f"WhatsApp has no way to take a {delivery.kind}")
    name = platform_name(delivery.event_name, "whatsapp")
    if name is None:
        raise Unsendable("chats have no event of this name")
    if not delivery.marketing.ctwa_clid:
        raise Unsendable("no ad led to a chat with this person")
    custom = custom_data(delivery)
    if name == "Purchase" and not {"value", "currency"} <= custom.keys():
        raise Unsendable("a Purchase needs a value and a currency")
    return compact(
        {
            "event_name": name,
            "event_time": min(delivery.occurred_at, now_ms) // 1000,
            "event_id": delivery.event_id,
            "action_source": "business_messaging",
            "messaging_channel": CHANNEL,
            "opt_out": delivery.consent.ad_personalization == "denied" or None,
            "user_data": user_data(delivery, waba_id=waba_id),
            "custom_data": custom,
        }
    )


def user_data(delivery: Delivery, *, waba_id: str) -> Json:
    """The click, the account, and who it was; the join keys have the form that Meta hashes."""
    return compact(
        {
            **hashed_person(delivery, HASHED),
            "ctwa_clid": delivery.marketing.ctwa_clid,
            "whatsapp_business_account_id": waba_id,
        }
    )
