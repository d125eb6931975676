"""A signed delivery that we have no use for: kept on the log, sealed, and filtered later.

The sender hears 200, so that it does not repeat it for hours and then gives up on us.
"""

from typing import Any, Final

from processors.gateway.canonical import canonical, content_hash
from processors.gateway.door import Accepted, Door, Outcome
from processors.gateway.named import named
from processors.gateway.records import accepted
from processors.gateway.registry import plain_answer

_LONGEST_TOPIC: Final = 100


def keep(said: dict[str, Any], door: Door, *, source: str) -> Accepted:
    """The body, sealed: nobody knows which of its fields are personal."""
    door.filtered = True
    body = canonical(said)
    name = content_hash(said, body)
    clear = {"body": body.decode()}
    record = {
        "tenant_id": door.tenant,
        "source": source,
        "order_id": f"webhook-{name}",
        "event_id": name,
        "content_hash": name,
        "received_at": door.received_at,
        "unknown_topic": (door.topic or "none")[:_LONGEST_TOPIC],
        "user_data": {"sealed": door.sealer.seal(door.tenant, clear, named(body))},
    }
    return accepted("orders.v1", record, door)


def answer(outcome: Outcome, door: Door) -> dict[str, Any]:
    """The neutral answer, which also says that something was kept for nothing."""
    said = plain_answer(outcome, door)
    if door.filtered:
        said["filtered"] = "unknown_topic"
    return said
