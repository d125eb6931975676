"""TikTok's webhooks: `{"client_key", "event", "create_time", "user_openid", "content"}`, where the
content is JSON in a text. Leads are taken; every other event is kept and filtered.

The signature covers its own time, and one that is older than five minutes is a replay.
"""

import binascii
import string
from typing import Any, Final

import orjson

from processors.gateway.exchange import Request
from processors.gateway.hooks import lead
from processors.gateway.hooks.table import Told, register_handler
from processors.gateway.hooks.words import text
from processors.gateway.signatures import Claim

SOURCE: Final = "tiktok"
SIGNATURE: Final = b"tiktok-signature"
WINDOW_MS: Final = 300_000
_CLICK: Final = "lead.click"
_LONGEST_TIME: Final = 12

register_handler(SOURCE, "lead")(lead.event)
register_handler(SOURCE, _CLICK)(lead.click)


def prove(request: Request, now: int) -> Claim | None:
    """The signature `t=...,s=...`: hex, of the time, a full stop and the raw body."""
    given = request.headers.get(SIGNATURE, b"").decode("latin-1")
    parts = dict(part.strip().partition("=")[::2] for part in given.split(",")[:8])
    at, signature = parts.get("t", ""), parts.get("s", "").lower()
    if not signature or not at or len(at) > _LONGEST_TIME or set(at) - set(string.digits):
        return None
    if abs(now - int(at) * 1000) > WINDOW_MS:
        return None
    prefix = f"{at}.".encode()
    return Claim("", "", "", (signature,), prefix=prefix, encode=binascii.hexlify)


def split(said: dict[str, Any]) -> list[Told]:
    """The event; a lead is also a click."""
    account = text(said, "client_key") or ""
    event_type = text(said, "event") or ""
    content = said.get("content")
    if type(content) is str:
        try:
            content = orjson.loads(content)
        except orjson.JSONDecodeError:
            content = None
    if not event_type.startswith("lead"):
        return [Told(SOURCE, event_type, account, said)]
    part = {"create_time": said.get("create_time"), **(content if type(content) is dict else {})}
    return [Told(SOURCE, "lead", account, part), Told(SOURCE, _CLICK, account, part)]
