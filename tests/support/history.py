"""A shop's history of any size in random order: orders before their touches, logins years late.

Record n is a function of n alone, so that a history of a million records is never held.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from schemas.envelope import Browser, Frozen, Identifiers, Marketing
from schemas.order import Order, Refund
from schemas.touchpoint import Touchpoint

NOW = 1_780_000_000_000
DAY = 86_400_000
DAYS = 120
TOUCHES_A_PERSON = 5
ORDER_EVERY = 50
LOGIN_EVERY = 20
BUYERS_SHARE = 0.5
REFUND_EVERY = 10
_CAME_BY: tuple[dict[str, str], ...] = (
    {},
    {"utm_source": "google", "utm_medium": "cpc", "utm_campaign": "hats"},
    {"utm_source": "facebook", "utm_medium": "paid_social"},
    {"utm_source": "newsletter", "utm_medium": "email", "utm_campaign": "weekly"},
    {"gclid": "Cj0KCQ"},
)


@dataclass(frozen=True, slots=True)
class History:
    """So many touches, an order for every fifty and at times its refund, dealt to tenants."""

    touches: int
    tenants: int = 8
    seed: int = 1

    @property
    def orders(self) -> int:
        return self.touches // ORDER_EVERY

    @property
    def refunds(self) -> int:
        return self.orders // REFUND_EVERY

    @property
    def people(self) -> int:
        return max(1, self.touches // TOUCHES_A_PERSON)

    @property
    def records(self) -> int:
        return self.touches + self.orders + self.refunds

    def names(self) -> list[str]:
        """The tenants."""
        return [f"history-{n}" for n in range(self.tenants)]

    def arrivals(self) -> Iterator[tuple[str, Frozen]]:
        """Every record once, in random order."""
        numbers = list(range(self.records))
        random.Random(self.seed).shuffle(numbers)
        for n in numbers:
            if n < self.touches:
                yield "touchpoints.v1", self._touch(n)
            elif n < self.touches + self.orders:
                yield "orders.v1", self._order(n - self.touches)
            else:
                yield "orders.v1", self._refund(n - self.touches - self.orders)

    def _tenant(self, person: int) -> str:
        return f"history-{person % self.tenants}"

    def _buyer(self, order: int) -> int:
        return order * self.people // self.orders

    def _touch(self, n: int) -> Touchpoint:
        """A person has two visitors; a login joins them. Every second touch is of a buyer, which
        one person in ten is: those are who makes a storm."""
        rng = random.Random(f"{self.seed} touch {n}")
        person = rng.randrange(self.people)
        if rng.random() < BUYERS_SHARE:
            person = self._buyer(rng.randrange(self.orders))
        at = NOW - rng.randrange(DAYS * DAY)
        login = f"customer-{person}" if n % LOGIN_EVERY == 0 else None
        return Touchpoint(
            tenant_id=self._tenant(person), event_id=f"t{n}", content_hash=f"{n:032x}",
            occurred_at=at, received_at=NOW, visitor_id=f"visitor-{person}-{rng.randrange(2)}",
            identifiers=Identifiers(customer_id=login),
            marketing=Marketing(**rng.choice(_CAME_BY)),
            browser=Browser(url="https://shop.example/hats"),
        )  # fmt: skip

    def _order(self, n: int) -> Order:
        """Of a person of its own, so that touches that come later change it."""
        person = self._buyer(n)
        rng = random.Random(f"{self.seed} order {n}")
        return Order(
            **self._named(n, person, "paid"), ordered_at=NOW - rng.randrange(DAYS * DAY // 2),
            status="paid", currency="USD", gross=10_000 + n, visitor_id=f"visitor-{person}-0",
            identifiers=Identifiers(customer_id=f"customer-{person}"),
        )  # fmt: skip

    def _refund(self, n: int) -> Order:
        order = n * REFUND_EVERY
        person = self._buyer(order)
        return Order(
            **self._named(order, person, "refund"), refunds=(Refund(refund_id="r", amount=1_000),)
        )

    def _named(self, n: int, person: int, what: str) -> dict[str, object]:
        return {
            "tenant_id": self._tenant(person), "source": "api", "order_id": f"order-{n}",
            "event_id": f"{what}{n}", "content_hash": f"{what}-{n:026x}", "received_at": NOW,
            "updated_at": NOW - DAY,
        }  # fmt: skip
