"""From an ad into a chat to a sale: `python -m deploy.examples.whatsapp`.

Somebody taps an ad that opens WhatsApp and writes to the shop. WhatsApp tells by its webhook,
signed by the app's secret as Meta signs (`X-Hub-Signature-256`); the click is in it. The sale comes
later with the phone number alone, through the door of conversion APIs, and the chat earned it. The
account and secret are what `attributary tenant set demo whatsapp_business_account_id=...
whatsapp_app_secret=...` has set; they are read from WHATSAPP_ACCOUNT and WHATSAPP_SECRET.
"""

import hashlib
import hmac
import os
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import orjson

from deploy.examples.connection import client
from processors.client import Client, Sent, UnifiedConversionsAPI
from processors.domain.events import EventType

PATH = "/webhooks/whatsapp"
PHONE = "14155550123"


def told(account: str, *, name: str, at: datetime) -> bytes:
    """What WhatsApp says of a message that an ad led to."""
    message = {
        "from": PHONE, "id": f"wamid.{name}", "timestamp": str(int(at.timestamp())),
        "type": "text", "text": {"body": "Is the hat there?"},
        "referral": {"source_type": "ad", "source_id": "23", "ctwa_clid": f"click-{name}"},
    }  # fmt: skip
    value: dict[str, Any] = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "15550001111", "phone_number_id": "106"},
        "contacts": [{"profile": {"name": "Sarah"}, "wa_id": PHONE}],
        "messages": [message],
    }
    entry = [{"id": account, "changes": [{"field": "messages", "value": value}]}]
    return orjson.dumps({"object": "whatsapp_business_account", "entry": entry})


def signed(body: bytes, secret: bytes) -> dict[str, str]:
    """As Meta signs: hex, of the raw body."""
    digest = hmac.new(secret, body, hashlib.sha256).hexdigest()
    return {"content-type": "application/json", "x-hub-signature-256": f"sha256={digest}"}


def sell(to: Client, *, order_id: str, at: datetime) -> Sent:
    """The sale, of which the shop knows the phone number."""
    return UnifiedConversionsAPI(to).send(
        EventType.PURCHASE,
        order_id=order_id,
        occurred_at=at,
        value="59.00",
        currency="USD",
        identifiers={"phone": f"+{PHONE}"},
    )


if __name__ == "__main__":
    name, now = uuid.uuid4().hex[:8], datetime.now(UTC)
    raw = told(os.environ["WHATSAPP_ACCOUNT"], name=name, at=now - timedelta(minutes=30))
    headers = signed(raw, os.environ["WHATSAPP_SECRET"].encode())
    httpx.post(os.environ["GATEWAY_URL"] + PATH, content=raw, headers=headers).raise_for_status()
    with client() as one:
        sent = sell(one, order_id=f"chat-{name}", at=now)
    print(f"order chat-{name}: to {sent.platforms} platforms")
    print(f"attributary explain chat-{name} --tenant demo")
