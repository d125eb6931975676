"""A shop's log with planted effects, large enough to learn from: mails sell more often."""

import random
from collections.abc import Sequence
from typing import Final

from schemas.envelope import Frozen
from schemas.order import Order
from schemas.touchpoint import Touchpoint

DAY: Final = 86_400_000
START: Final = 1_700_000_000_000
DAYS: Final = 60
CHANNELS: Final = {"email": 0.5, "paid_search": 0.25, "display": 0.04}
"""The chance of an order after a touch of each."""
_MORE: Final = 0.55

Records = list[tuple[str, Frozen]]


def log_of_shop(
    tenant: str, *, people: int, seed: int, channels: Sequence[str] = tuple(CHANNELS)
) -> Records:
    """Touches of so many people, one to five each, and the orders that they made of them."""
    rng = random.Random(f"{tenant} {seed}")
    log: Records = []
    for n in range(people):
        visitor, at = f"v{n}", START + rng.randrange(DAYS * DAY)
        for k in range(5):
            channel = rng.choice(channels)
            log.append(("touchpoints.v1", _touch(tenant, visitor, f"{visitor}-{k}", at, channel)))
            if rng.random() < CHANNELS[channel]:
                log.append(("orders.v1", _order(tenant, visitor, at + rng.randrange(DAY // 4))))
                break
            if rng.random() > _MORE:
                break
            at += rng.randrange(1, 9 * DAY)
    return log


def _touch(tenant: str, visitor: str, event: str, at: int, channel: str) -> Touchpoint:
    return Touchpoint(
        tenant_id=tenant, event_id=event, content_hash=event, occurred_at=at, received_at=at,
        visitor_id=visitor, channel=channel, platform="other",
    )  # fmt: skip


def _order(tenant: str, visitor: str, at: int) -> Order:
    name = f"o-{visitor}"
    return Order(
        tenant_id=tenant, source="api", order_id=name, event_id=name, content_hash=name,
        received_at=at, ordered_at=at, status="paid", currency="USD", gross=10_001,
        visitor_id=visitor,
    )  # fmt: skip
