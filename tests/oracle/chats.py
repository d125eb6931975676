"""Who came to a chat by an ad, and which events a chat hears of.

A click counts for seven days. Of an order the platform hears even if the click was learnt of later;
of any other event only what was known when it was looked at.
"""

from collections.abc import Iterable

from tests.oracle.fold import Conversion
from tests.oracle.graph import Graph
from tests.oracle.log import Log, events
from tests.oracle.nodes import anchor, nodes
from tests.oracle.people import person_of
from tests.oracle.touches import is_touch, winners
from tests.oracle.urls import CHAT_CLICK_ID, marketing
from tests.oracle.words import Json

PLATFORM = "whatsapp"
NAMES = frozenset({"ViewContent", "AddToCart", "InitiateCheckout", "Purchase", "Lead"})
_WINDOW = 7 * 86_400_000


class Chats:
    """The clicks of one tenant that led to a chat."""

    def __init__(self, log: Log, graph: Graph) -> None:
        self._graph = graph
        told = [*log["touchpoints.v1"], *filter(is_touch, events(log))]
        self._clicks = [
            (graph.owner(anchor(touch)), touch["occurred_at"])
            for touch in winners(told)
            if marketing(touch)[CHAT_CLICK_ID] and touch.get("type", "click") == "click"
        ]
        self._anyone = {
            graph.anyone.get(anchor(touch), anchor(touch))
            for touch in told
            if marketing(touch)[CHAT_CLICK_ID]
        }

    def must_hear_of_order(self, conversion: Conversion) -> bool:
        """Its click is known by itself or by whoever bought."""
        if conversion.chat_click:
            return True
        person, at = person_of(conversion, self._graph), conversion.converted_at
        return person is not None and any(
            owner == person and at - _WINDOW <= when <= at for owner, when in self._clicks
        )

    def may_hear_of_order(self, conversion: Conversion) -> bool:
        """Anything in the log could have led to it."""
        by_itself = conversion.chat_click or conversion.landed_by_chat
        return bool(by_itself) or self._ever(conversion.nodes)

    def must_hear_of(self, contents: Iterable[Json]) -> bool:
        """Every content of the event is one of a chat and has its click."""
        return all(
            content["event_name"] in NAMES and content["marketing"][CHAT_CLICK_ID]
            for content in contents
        )

    def may_hear_of(self, contents: Iterable[Json]) -> bool:
        """A content is one of a chat that somebody may have come to by an ad."""
        return any(
            content["event_name"] in NAMES
            and (marketing(content)[CHAT_CLICK_ID] or self._ever(nodes(content)))
            for content in contents
        )

    def _ever(self, seen: Iterable[str]) -> bool:
        return bool(self._anyone & {self._graph.anyone.get(node, node) for node in seen})
