"""What Meta, WhatsApp and TikTok send: synthetic bodies, signed as they sign."""

import hashlib
import hmac
from typing import Any

import orjson

from tests.unit.gateway.asking import ACCOUNTS, NOW, SECRET, Answer, Gateway

PHONE = "16505550123"
WAMID = "wamid.HBgLMTY1MDU1NTAxMjMVAgASGBQzQTdCNUJEQkY5"
AT = 1_789_999_000

REFERRAL: dict[str, Any] = {
    "source_url": "https://fb.me/x", "source_id": "120200001", "source_type": "ad",
    "headline": "Hats", "body": "Warm hats", "media_type": "image", "ctwa_clid": "ARAkLkA+rmso",
}  # fmt: skip


def message(**changes: Any) -> dict[str, Any]:
    """A text from a customer."""
    return {"from": PHONE, "id": WAMID, "timestamp": str(AT), "type": "text",
            "text": {"body": "Is the red hat there?"}, **changes}  # fmt: skip


def status(**changes: Any) -> dict[str, Any]:
    """A message of the shop's was delivered."""
    return {"id": "wamid.HBgLOWN", "status": "delivered", "timestamp": str(AT),
            "recipient_id": PHONE, "pricing": {"billable": True, "category": "utility"},
            "biz_opaque_callback_data": "ord-1001", **changes}  # fmt: skip


def chat(field: str = "messages", account: str = ACCOUNTS["whatsapp"], **value: Any) -> Any:
    """A webhook of a WhatsApp business account."""
    if field == "messages":
        value = {
            "messaging_product": "whatsapp",
            "metadata": {"display_phone_number": "15550001111", "phone_number_id": "106"},
            "contacts": [
                {"profile": {"name": "Sarah"}, "wa_id": PHONE, "user_id": "US.13491208655302"}
            ],
            **value,
        }
    change = {"field": field, "value": value}
    entry = [{"id": account, "changes": [change]}]
    return {"object": "whatsapp_business_account", "entry": entry}


def page(field: str = "leadgen", account: str = ACCOUNTS["meta"], **value: Any) -> Any:
    """A webhook of a page: by default somebody left a lead in an ad."""
    if field == "leadgen":
        value = {"leadgen_id": "77001", "form_id": "88", "page_id": account, "ad_id": "99",
                 "adgroup_id": "98", "created_time": AT, **value}  # fmt: skip
    change = {"field": field, "value": value}
    return {"object": "page", "entry": [{"id": account, "time": AT, "changes": [change]}]}


def tiktok(event: str = "lead.created", **changes: Any) -> dict[str, Any]:
    """An event of a TikTok app."""
    content = {"lead_id": "55001", "ad_id": "44", "campaign_id": "43", "ttclid": "E.C.P.a+b"}
    return {"client_key": ACCOUNTS["tiktok"], "event": event, "create_time": AT,
            "user_openid": "o-1", "content": orjson.dumps(content).decode(), **changes}  # fmt: skip


def meta_headers(raw: bytes, secret: bytes = SECRET) -> dict[str, str]:
    """As Meta signs."""
    digest = hmac.new(secret, raw, hashlib.sha256).hexdigest()
    return {"x-hub-signature-256": f"sha256={digest}", "content-type": "application/json"}


def tiktok_headers(
    raw: bytes, secret: bytes = SECRET, *, at: int | str = NOW // 1000
) -> dict[str, str]:
    """As TikTok signs."""
    digest = hmac.new(secret, f"{at}.".encode() + raw, hashlib.sha256).hexdigest()
    return {"TikTok-Signature": f"t={at},s={digest}", "content-type": "application/json"}


SIGNERS = {
    "/webhooks/meta": meta_headers,
    "/webhooks/whatsapp": meta_headers,
    "/webhooks/tiktok": tiktok_headers,
}


async def post(gateway: Gateway, path: str, body: Any, **signing: Any) -> Answer:
    """A signed delivery; bytes go as they are."""
    raw = body if isinstance(body, bytes) else orjson.dumps(body)
    return await gateway.post(path, raw, key=None, headers=SIGNERS[path](raw, **signing))
