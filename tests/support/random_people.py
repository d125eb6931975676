"""One tenant's world: who exists, which ids are seen together, and when things happen."""

import hashlib
import json
import random
from typing import Any

from schemas.envelope import Frozen, Identifiers

DAY = 86_400_000
START = 1_767_225_600_000
"""2026-01-01T00:00:00Z; the days that follow cross a clock change in Europe and America."""

WINDOW_DAYS = (1, 3, 7, 14, 28, 30, 90, 365)


class World:
    """Pools of ids small enough to meet again, and times that fall on the edges of windows."""

    def __init__(
        self,
        rng: random.Random,
        *,
        tenant: str,
        visitors: int,
        customers: int,
        days: int,
        calm: bool,
        start: int = START,
    ) -> None:
        self.rng, self.tenant, self.days, self.calm = rng, tenant, days, calm
        self.start = start
        self.visitors = [f"v-{tenant}-{n:05}" for n in range(visitors)]
        self._number = {visitor: n for n, visitor in enumerate(self.visitors)}
        self.customers = [f"c-{n:05}" for n in range(customers)]
        # A handful of ids that far too many people share.
        self.shared = {"email_sha256": sha("info@shop.example.com"), "device_id": "kiosk-1"}
        self.moments: list[int] = []
        self._next = 0

    def name(self, kind: str) -> str:
        """A new name, never drawn twice in this world."""
        self._next += 1
        return f"{kind}-{self.tenant}-{self._next:06}"

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def visitor(self) -> str:
        return self.rng.choice(self.visitors)

    def moment(self) -> int:
        """Some time in the world's days, in milliseconds."""
        return self.start + self.rng.randrange(self.days * DAY)

    def order_moment(self) -> int:
        """A time that touches may be drawn near to."""
        at = self.moment()
        self.moments.append(at)
        return at

    def touch_moment(self) -> int:
        """Any time, or just inside or outside a window of an order."""
        if not self.moments or self.chance(0.5):
            return self.moment()
        age = self.rng.choice([0, *WINDOW_DAYS]) * DAY + self.rng.randint(-1_500, 1_500)
        return self.rng.choice(self.moments) - age

    def identifiers(self, *, visitor: str | None, share: float) -> Identifiers:
        """The ids that an event may carry: mostly its visitor's own, at times a stranger's too."""
        if not self.chance(share):
            return Identifiers()
        known = self._of_customer(self._customer_of(visitor))
        if not self.calm and self.chance(0.06):
            known |= self._of_customer(self.rng.choice(self.customers))
        kinds = sorted(known)
        kept = self.rng.sample(kinds, self.rng.randint(1, len(kinds)))
        ids = {kind: known[kind] for kind in kept}
        if not self.calm and self.chance(0.12):
            kind = self.rng.choice(sorted(self.shared))
            ids[kind] = self.shared[kind]
        return Identifiers(**ids)

    def _customer_of(self, visitor: str | None) -> str:
        """A visitor is one customer, a customer may be several visitors."""
        if visitor is None:
            return self.rng.choice(self.customers)
        return self.customers[self._number[visitor] % len(self.customers)]

    def _of_customer(self, customer: str) -> dict[str, str]:
        return {
            "customer_id": customer,
            "email_sha256": sha(f"{customer}@{self.tenant}.example.com"),
            "phone_sha256": sha(f"+1555{customer}"),
            "external_id": f"x-{customer}",
            "device_id": f"d-{customer}",
        }


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def content_hash(fields: dict[str, Any]) -> str:
    """As the gateway's: a hash of the content without the stamps."""
    plain = {
        name: value.model_dump(mode="json") if isinstance(value, Frozen) else value
        for name, value in fields.items()
        if name not in ("received_at", "late")
    }
    return hashlib.md5(json.dumps(plain, sort_keys=True, default=str).encode()).hexdigest()
