"""Some hundred lives, made by chance and credited by the real kernel."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, NamedTuple

from processors.credit.handle import answer
from processors.credit.snapshot import Case, FoundConversion, FoundTouches, TenantSettings
from processors.domain.local_days import local_date
from processors.summary.arrays import integers
from processors.summary.journeys import Path, path, steps
from processors.summary.rows import Earned, Shown, shown

DAY_MS: Final = 86_400_000
BASE_DAY: Final = 11_000
"""Days since the epoch at which every life begins before it is moved."""
LONGEST: Final = 120

BUYERS: Final = 400
OTHERS: Final = 400


class Kind(NamedTuple):
    """Where a touch comes from, and how often; `amount` is what a day of it costs, minor units."""

    channel: str
    platform: str
    campaign: str
    query: str
    share: float
    amount: int


KINDS: Final = (
    Kind("direct", "none", "", "", 28.0, 0),
    Kind("organic_search", "google", "", "", 18.0, 0),
    Kind("email", "klaviyo", "weekly", "utm_campaign=weekly", 9.0, 0),
    Kind("email", "klaviyo", "welcome", "utm_campaign=welcome", 4.0, 0),
    Kind("paid_search", "google", "brand", "gclid=Cj0KCQ", 8.0, 41_000),
    Kind("paid_search", "google", "generic", "gclid=Cj0KCR", 5.0, 66_000),
    Kind("paid_shopping", "google", "feed", "gclid=Cj0KCS", 2.0, 18_000),
    Kind("paid_social", "meta", "prospecting", "fbclid=IwAR1", 7.0, 72_000),
    Kind("paid_social", "meta", "retargeting", "fbclid=IwAR2", 4.0, 25_000),
    Kind("paid_social", "tiktok", "spark", "ttclid=E.C.P", 3.0, 22_000),
    Kind("organic_social", "meta", "", "", 4.0, 0),
    Kind("referral", "other", "", "", 5.0, 0),
    Kind("affiliate", "affiliate", "partners", "ref=partner", 2.0, 0),
    Kind("sms", "klaviyo", "flash", "utm_campaign=flash", 1.0, 0),
)


class Moment(NamedTuple):
    """Day of the life, milliseconds of the day."""

    day: int
    ms: int

    @property
    def clock(self) -> str:
        """As COPY reads the time of a day, after the date."""
        seconds, ms = divmod(self.ms, 1_000)
        return f" {seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{ms:03}+00"


class Touch(NamedTuple):
    """A touch of a life."""

    at: Moment
    clock: str
    kind: Kind


@dataclass(frozen=True, slots=True, eq=False)
class Order:
    """An order of a life; what every copy of it has in common is written out once."""

    at: Moment
    clock: str
    shown: Shown
    earned: Earned
    places: list[int]
    """Of the touches that earn it, among those of the life."""
    days: list[int]
    """Of the life, of those touches."""
    whole: Path
    once: Path
    credit_row: str
    """From channels to the end of a row of credit_rows."""
    journey_row: str
    """From path to the end of a row of journeys."""

    @property
    def revenue(self) -> int:
        """Minor units."""
        return self.earned.revenue


@dataclass(frozen=True, slots=True, eq=False)
class Life:
    """Touches and orders in the order of time."""

    touches: Sequence[Touch]
    orders: Sequence[Order]

    @property
    def days(self) -> int:
        """How long it is."""
        last = max([*(t.at.day for t in self.touches), *(o.at.day for o in self.orders)])
        return last + 1


def lives(seed: int) -> list[Life]:
    """Those who buy, then those who do not; the same every time."""
    rng = random.Random(seed)
    found = [_life(rng, orders=1 + min(3, int(rng.expovariate(1.3)))) for _ in range(BUYERS)]
    return found + [_life(rng, orders=0) for _ in range(OTHERS)]


def _life(rng: random.Random, *, orders: int) -> Life:
    count = min(40, int(rng.expovariate(1 / 3.2)) + (0 if orders and rng.random() < 0.06 else 1))
    length = min(LONGEST - 1, int(rng.expovariate(1 / 14)) + 20 * max(0, orders - 1))
    own = (Moment(rng.randint(0, length), rng.randrange(DAY_MS)) for _ in range(count + orders))
    moments = sorted(set(own))
    bought = {len(moments) - 1} if orders else set()
    while len(bought) < min(orders, len(moments)):
        bought.add(rng.randrange(len(moments)))
    touches: list[Touch] = []
    for place, at in enumerate(moments):
        if place in bought:
            continue
        again = touches and rng.random() < 0.3
        kind = touches[-1].kind if again else rng.choices(KINDS, [k.share for k in KINDS])[0]
        touches.append(Touch(at, at.clock, kind))
    return Life(touches, [_order(moments[n], touches, rng.randrange(900, 32_000)) for n in
                          sorted(bought)])  # fmt: skip


def _order(at: Moment, touches: Sequence[Touch], revenue: int) -> Order:
    """Credited as the processors credit an order with these touches."""
    found = FoundTouches(
        touchpoint_ids=[f"{place:04}" for place in range(len(touches))],
        occurred_at=[_ms(touch.at) for touch in touches],
        is_view=[False] * len(touches),
        channels=[touch.kind.channel for touch in touches],
        platforms=[touch.kind.platform for touch in touches],
        campaigns=[touch.kind.campaign for touch in touches],
    )
    conversion = FoundConversion(
        tenant_id="-", conversion_id="-", epoch="-", rev=1, source="api", order_id="-",
        person_id="-", currency="USD", net=revenue, converted_at=_ms(at), status="paid",
        is_pending=False, deliverable=True,
    )  # fmt: skip
    day = _iso(at)
    record = answer([Case(conversion, TenantSettings(), day, Decimal(1), found)])[0]
    row = shown(record)
    assert isinstance(row, Shown)
    assert row.earned is not None
    places = [int(touch.touchpoint_id) for touch in record.touches]
    channels = [touch.channel for touch in record.touches]
    whole, once = path(channels, row.firsts), steps(channels, row.firsts)
    return Order(
        at=at, clock=at.clock, shown=row, earned=row.earned, places=places,
        days=[touches[place].at.day for place in places], whole=whole, once=once,
        credit_row="\t".join((
            _names(channels), _names(touch.platform for touch in record.touches),
            _names(touch.campaign for touch in record.touches),
            integers([touch.first_window for touch in record.touches]),
            integers(record.credit), integers(record.touch_revenue),
        )) + "\n",
        journey_row="\t".join((
            whole.text, once.text, integers([len(channels) - first for first in row.firsts]),
            integers(row.seconds), integers(whole.starts), integers(once.starts),
        )) + "\n",
    )  # fmt: skip


def _names(values: Iterable[str]) -> str:
    return "{" + ",".join(f'"{value}"' for value in values) + "}"


def _ms(at: Moment) -> int:
    return (BASE_DAY + at.day) * DAY_MS + at.ms


def _iso(at: Moment) -> str:
    return local_date(_ms(at), "UTC")
