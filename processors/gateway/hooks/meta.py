"""Meta's webhooks (Graph API Webhooks): pages, their lead ads, and WhatsApp business accounts.

`{"object": "page", "entry": [{"id": PAGE, "changes": [{"field": "leadgen", "value": {...}}]}]}`:
the object says what the ids of the entries are, and each change is a thing told. Messenger's
`messaging` stands beside the changes.
"""

import binascii
from typing import Any, Final

from processors.domain.payload import rows
from processors.gateway.exchange import Request
from processors.gateway.hooks import lead, whatsapp
from processors.gateway.hooks.table import Told, register_handler
from processors.gateway.hooks.words import text
from processors.gateway.signatures import Claim

SOURCE: Final = "meta"
SIGNATURE: Final = b"x-hub-signature-256"
_SCHEME: Final = "sha256="
_CLICK: Final = "leadgen.click"

register_handler(SOURCE, "leadgen")(lead.event)
register_handler(SOURCE, _CLICK)(lead.click)


def prove(request: Request, _: int) -> Claim | None:
    """The signature: hex, of the raw body, under the app's secret. It has no time in it."""
    given = request.headers.get(SIGNATURE, b"").decode("latin-1").strip().lower()
    if not given.startswith(_SCHEME):
        return None
    return Claim("", "", "", (given.removeprefix(_SCHEME),), encode=binascii.hexlify)


def split(said: dict[str, Any]) -> list[Told]:
    """Every change of every entry."""
    chats = said.get("object") == whatsapp.OBJECT
    told: list[Told] = []
    for entry in rows(said, "entry"):
        account = text(entry, "id") or ""
        for change in rows(entry, "changes"):
            value = change.get("value")
            part = value if type(value) is dict else {"value": value}
            field = text(change, "field") or ""
            if chats:
                told += whatsapp.told(account, field, part)
            else:
                told.append(Told(SOURCE, field, account, part))
                if field == "leadgen":
                    told.append(Told(SOURCE, _CLICK, account, part))
        told += [Told(SOURCE, "messaging", account, row) for row in rows(entry, "messaging")]
    return told
