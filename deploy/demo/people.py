"""Visitors, what brings them, and the customers that some of them become.

A customer may be several visitors: the phone on the way, the laptop at home. Nobody here exists:
addresses end in example.com, phone numbers are of the ranges kept for fiction.
"""

from dataclasses import dataclass
from random import Random
from typing import Final

from deploy.demo import browsers
from deploy.demo.landings import Landing, landing
from deploy.demo.shops import Shop

MINUTE: Final = 60_000
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR

SPAN: Final = 36 * HOUR
_OLDEST: Final = 30 * DAY
_LATE_SHARE: Final = 0.12
_DENIED_SHARE: Final = 0.06
BUYER_SHARE: Final = 0.2
"""Far more than in a shop: so that a day of some thousand events has hundreds of orders."""
_SECOND_DEVICE_SHARE: Final = 0.18
_KIOSK_VISITORS: Final = 105
_VISITS: Final = {1: 14, 2: 18, 3: 20, 4: 17, 5: 12, 6: 8, 7: 5, 8: 3, 10: 2, 14: 1}
_FIRST: Final = ("Alex", "Bo", "Cam", "Dana", "Eli", "Finn", "Gale", "Hana", "Ira", "Jun", "Kai")
_LAST: Final = ("Ash", "Birch", "Cedar", "Elm", "Fir", "Hazel", "Linden", "Maple", "Oak", "Pine")


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A touch: a landing, or an ad that was seen."""

    at: int
    session_id: str
    landing: Landing
    by_pixel: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """A browser. `denied` says that its owner refused advertising."""

    id: str
    user_agent: str
    ip: str
    fbp: str
    visits: tuple[Visit, ...]
    denied: bool
    device_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """Somebody who buys; the order is placed in the first of the browsers."""

    id: str
    first_name: str
    last_name: str
    email: str
    phone: str | None
    visitors: tuple[Visitor, ...]

    @property
    def denied(self) -> bool:
        """Whether any of the browsers has refused advertising."""
        return any(visitor.denied for visitor in self.visitors)


def visitors(rng: Random, shop: Shop, *, now: int, run: str, count: int) -> list[Visitor]:
    """The day's visitors; in the last shop the first hundred share a tablet at the counter."""
    kiosk = f"kiosk-{run}" if shop.currency == "JPY" else None
    return [
        _visitor(
            rng,
            now=now,
            name=f"{shop.tenant}-{run}-{number}",
            device_id=kiosk if number < _KIOSK_VISITORS else None,
        )
        for number in range(count)
    ]


def _visitor(rng: Random, *, now: int, name: str, device_id: str | None) -> Visitor:
    count = rng.choices(list(_VISITS), list(_VISITS.values()))[0]
    times = [now - rng.randint(40 * MINUTE, SPAN) for _ in range(count)]
    if rng.random() < _LATE_SHARE:
        times += [now - rng.randint(2 * DAY, _OLDEST) for _ in range(rng.randint(1, 3))]
    visits = [
        Visit(
            at=at,
            session_id=f"s-{name}-{index}",
            landing=landing(rng),
            by_pixel=rng.random() < 0.08,
        )
        for index, at in enumerate(sorted(times))
    ]
    return Visitor(
        id=f"v-{name}",
        user_agent=browsers.user_agent(rng),
        ip=browsers.address(rng),
        fbp=f"fb.1.{visits[0].at}.{rng.randint(10**9, 10**10)}",
        visits=tuple(visits),
        denied=rng.random() < _DENIED_SHARE,
        device_id=device_id,
    )


def customers(
    rng: Random, found: list[Visitor], *, run: str, shop: Shop, share: float
) -> list[Customer]:
    """Who of the visitors buys, that share of them, some in two browsers."""
    left = found.copy()
    rng.shuffle(left)
    made: list[Customer] = []
    for number in range(round(len(found) * share)):
        own = [left.pop()]
        if rng.random() < _SECOND_DEVICE_SHARE:
            own.append(left.pop())
        first, last = rng.choice(_FIRST), rng.choice(_LAST)
        made.append(
            Customer(
                id=f"{shop.products[0].id}{int(run, 36)}{number:04d}",
                first_name=first,
                last_name=last,
                email=f"{first}.{last}.{shop.tenant}.{run}.{number}@example.com",
                phone=_phone(number, run=run) if rng.random() < 0.3 else None,
                visitors=tuple(own),
            )
        )
    return made


def _phone(number: int, *, run: str) -> str:
    """A number of its own for each customer: in every area 555-0100 to 555-0199 are nobody's."""
    area = 212 + (int(run, 36) // 60 + number // 100) % 700
    return f"+1{area}5550{100 + number % 100}"
