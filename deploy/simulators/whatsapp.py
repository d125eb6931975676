"""Meta's Conversions API for events of WhatsApp chats: a request is taken or refused as a whole.

What it does not share with events of pages: the names, the click and the account that an event is
matched by, and that nothing is known again by its id, so that a repetition counts. Whether Meta
forgives one is told in both ways; this is the strict one.
"""

import re
from typing import Any, Final

from deploy.simulators.meta import MetaRules
from deploy.simulators.meta import check as check_any
from deploy.simulators.refused import Refused

NAMES: Final = frozenset(
    {"ViewContent", "AddToCart", "InitiateCheckout", "Purchase", "LeadSubmitted"}
)
OF_PAGES: Final = ("fbc", "fbp", "client_ip_address", "client_user_agent")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_PATHS: Final = ("/{version}/{pixel}/events", "/{pixel}/events")


class WhatsAppRules(MetaRules):
    """`POST /{version}/{dataset}/events`."""

    paths: tuple[str, ...] = _PATHS
    read_paths: tuple[str, ...] = ()
    window_seconds: float = -1.0

    def check(self, event: Any, *, now: float) -> None:
        """Every rule for one event."""
        check_any(event, now=now)
        if event["action_source"] != "business_messaging":
            raise Refused("action_source must be business_messaging")
        if event.get("messaging_channel") != "whatsapp":
            raise Refused("messaging_channel must be whatsapp")
        if event["event_name"] not in NAMES:
            raise Refused("Messaging Event Invalid Event Type", subcode=2804066)
        person = event["user_data"]
        click = person.get("ctwa_clid")
        if not isinstance(click, str) or _SHA256.fullmatch(click):
            raise Refused("user_data.ctwa_clid is required, as it was received")
        for name in OF_PAGES:
            if name in person:
                raise Refused(f"user_data.{name} is no parameter of a messaging event")
        account = person.get("whatsapp_business_account_id") or person.get("page_id")
        if not isinstance(account, str):
            raise Refused("user_data needs whatsapp_business_account_id or page_id")


RULES: Final = WhatsAppRules
