"""Words by which somebody in a chat ends the shop's marketing messages, or allows them again.

WhatsApp tells of its own switch ("Offers and announcements") as `user_preferences`, value `stop`
or `resume`, category `marketing_messages`. Who writes instead is understood when the message is
such a word and nothing else: "stop sending blue ones, send red" is about hats. A button below a
template counts by what it says. A word that may well
be about an order ("cancel", "end", "yes") is none.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from processors.domain.consent import DENIED, GRANTED
from processors.domain.payload import at
from processors.gateway.hooks.words import text

_WORDS: Final = {
    **dict.fromkeys(
        (
            "stop", "stop all", "stopall", "stop promotions", "stop marketing", "unsubscribe",
            "opt out", "optout", "stopp", "abmelden", "abbestellen", "arrêt", "arrêter",
            "désabonner", "baja", "parar", "pare", "sair", "descadastrar", "cancella iscrizione",
            "afmelden", "停止", "配信停止", "退订", "إيقاف",
        ),
        DENIED,
    ),
    **dict.fromkeys(
        (
            "start", "unstop", "resume", "resume promotions", "subscribe", "opt in", "optin",
            "anmelden", "abonnieren", "s'abonner", "alta", "suscribir", "inscrever", "aanmelden",
        ),
        GRANTED,
    ),
}  # fmt: skip
_PREFERENCES: Final = {"stop": DENIED, "resume": GRANTED}
_ASIDE: Final = re.compile(r"[\s\-_.,!?\"*~…。！]+")


def said(message: Mapping[str, Any]) -> str | None:
    """The decision in a message, `granted` or `denied`; None in nearly all of them."""
    return next((flag for each in _texts(message) if (flag := _WORDS.get(_plain(each)))), None)


def preferred(preference: Mapping[str, Any]) -> str | None:
    """The decision in a row of `user_preferences`; other categories than marketing are none."""
    if text(preference, "category") not in (None, "marketing_messages"):
        return None
    return _PREFERENCES.get((text(preference, "value") or "").lower())


def _texts(message: Mapping[str, Any]) -> Iterator[str]:
    interactive = at(message, "interactive")
    for part, names in (
        (at(message, "text"), ("body",)),
        (at(message, "button"), ("text", "payload")),
        (at(interactive, "button_reply"), ("title", "id")),
        (at(interactive, "list_reply"), ("title", "id")),
    ):
        for name in names:
            if (found := text(part, name)) is not None:
                yield found


def _plain(words: str) -> str:
    return _ASIDE.sub(" ", words.casefold().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")).strip()
