"""One call for every platform: the event goes to the gateway's door of conversion APIs, and from
there to each destination that the tenant has connected, in that platform's own words.

The platforms of a call are the tenant's, not an argument of it: consent, deduplication and retries
are decided for each of them behind the log. The gateway answers before that, so what is told here
is how many platforms an event will be routed to. Whether each has taken it is in the ledger.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Unpack

from processors.client.answers import Answers, ItemRejected, Receipt
from processors.client.blocking import Client
from processors.client.fields import Event, EventDetails
from processors.domain.events import EventType, StandardEvent


@dataclass(frozen=True, slots=True)
class Sent:
    """An event that was taken: its receipt, how many platforms it will be routed to, how complete
    it is, from 0 to 100, and which of the platforms take nothing now."""

    receipt: Receipt
    platforms: int
    data_quality_score: float
    failing: Sequence[str] = ()


class UnifiedEventsAPI:
    """Standard and custom events to all connected platforms."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def send(self, event_name: StandardEvent | str, **details: Unpack[EventDetails]) -> Sent:
        """One event.

        Raises:
            ItemRejected: when the gateway refused it.
        """
        answers = self.send_batch([{"event_name": str(event_name), **details}])
        if answers.rejections:
            raise ItemRejected(answers.rejections[0])
        receipt = answers.receipts[0]
        score = receipt.data_quality_score or 0.0
        return Sent(receipt, answers.platforms or 0, score, answers.failing)

    def send_batch(self, events: Iterable[Event]) -> Answers:
        """Many events; `Answers.platforms` is the number of connected platforms."""
        return self._client.server_events(events)


class UnifiedConversionsAPI:
    """Conversions to all connected platforms; a Purchase with order id and value is an order."""

    def __init__(self, client: Client) -> None:
        self._events = UnifiedEventsAPI(client)

    def send(self, conversion: EventType, **details: Unpack[EventDetails]) -> Sent:
        """One conversion, as `UnifiedEventsAPI.send`."""
        return self._events.send(EventType(conversion), **details)
