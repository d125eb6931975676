"""The lines of every table but those of sums: (day, line), as COPY reads them."""

import hashlib
from collections.abc import Iterator
from typing import Final, NamedTuple

from processors.domain.ids import conversion_id, purchase_event_id
from tests.bench.seed.lives import KINDS, Order
from tests.bench.seed.people import People, Person, name

Line = tuple[int, str]

DESTINATIONS: Final = ("meta", "google_ads")
SHARDS: Final = 6
_NULL: Final = r"\N"
_PAID: Final = [kind for kind in KINDS if kind.amount]


class Sale(NamedTuple):
    """An order of a person."""

    who: Person
    key: str
    order_id: str
    conversion_id: str
    day: int
    own: Order

    @property
    def tenant(self) -> str:
        return name(self.who.tenant)


def key(people: People, who: Person) -> str:
    """What the ids of a person are made of, 32 characters."""
    text = f"{people.size.seed}:{who.tenant}:{who.number}"
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def shard(conversion: str) -> int:
    """The partition of credits.v1, as good as any."""
    return int(conversion[:4], 16) % SHARDS


def sales(people: People, of: Iterator[Person] | None = None) -> Iterator[Sale]:
    """Orders up to the last day."""
    for who in people if of is None else of:
        for place, own in enumerate(people.lives[who.life].orders):
            day = who.begins + own.at.day
            if people.is_past(day):
                own_key = key(people, who)
                order = f"{own_key[:12]}-{place}"
                found = conversion_id(name(who.tenant), "api", order)
                yield Sale(who, own_key, order, found, day, own)


def touchpoints(people: People) -> Iterator[Line]:
    for who in people:
        own, tenant = key(people, who), name(who.tenant)
        for place, touch in enumerate(people.lives[who.life].touches):
            day = who.begins + touch.at.day
            if not people.is_past(day):
                break
            channel, platform, campaign, query, _, cost = touch.kind
            at = people.date(day) + touch.clock
            ad = f"{campaign}-{place % 3}" if cost else _NULL
            yield (
                day,
                f"{tenant}\t{own[:28]}{place:04x}\t{own[:16]}-{place}\tvisitor:{own[:20]}\t"
                f"{own[:20]}\t{at}\t{at}\tf\tclick\t{channel}\t{platform}\t{campaign}\t1\t"
                f"{campaign or _NULL}\t{ad}\thttps://shop.example/hats?{query}\tdesktop\t{own}\n",
            )


def nodes(people: People) -> Iterator[Line]:
    for who in people:
        own, tenant = key(people, who), name(who.tenant)
        visitor, day = f"visitor:{own[:20]}", who.begins
        if people.lives[who.life].orders:
            customer = f"customer:{own[:20]}"
            yield day, f"{tenant}\t{visitor}\t{customer}\tf\n"
            yield day, f"{tenant}\t{customer}\t{customer}\tf\n"
            yield day, f"{tenant}\temail:{own}{own}\t{customer}\tf\n"
        else:
            yield day, f"{tenant}\t{visitor}\t{visitor}\tf\n"


def edges(people: People) -> Iterator[Line]:
    for who in people:
        if people.lives[who.life].orders:
            own, tenant = key(people, who), name(who.tenant)
            for other in (f"email:{own}{own}", f"visitor:{own[:20]}"):
                yield (
                    who.begins,
                    f"{tenant}\tcustomer:{own[:20]}\t{other}\torders.v1 {own[:12]}\tt\n",
                )


def conversions(people: People) -> Iterator[Line]:
    for sale in sales(people):
        net = sale.own.revenue
        yield (
            sale.day,
            f"{sale.tenant}\t{sale.conversion_id}\tapi\t{sale.order_id}\t{sale.key[:20]}\t"
            f"{sale.key[:20]}\tcustomer:{sale.key[:20]}\tUSD\t{net}\t0\t{net}\t"
            f"{people.date(sale.day)}{sale.own.clock}\tpaid\tready\tt\t{{}}\n",
        )


def carried(people: People) -> Iterator[Line]:
    for sale in sales(people):
        for node in ("customer:" + sale.key[:20], "visitor:" + sale.key[:20]):
            yield sale.day, f"{sale.tenant}\t{node}\t{sale.conversion_id}\n"


def revisions(people: People) -> Iterator[Line]:
    """Of conversion_revision and credit_applied alike."""
    for sale in sales(people):
        yield sale.day, f"{sale.tenant}\t{sale.conversion_id}\t1\n"


def versions(people: People) -> Iterator[Line]:
    for sale in sales(people):
        snapshot = (
            f'{{"tenant_id":"{sale.tenant}","source":"api","order_id":"{sale.order_id}",'
            f'"event_id":"o-{sale.order_id}","content_hash":"{sale.conversion_id}",'
            f'"status":"paid","currency":"USD","gross":{sale.own.revenue},'
            f'"identifiers":{{"customer_id":"{sale.key[:20]}","visitor_id":"{sale.key[:20]}"}}}}'
        )
        yield (
            sale.day,
            f"{sale.tenant}\t{sale.conversion_id}\t{sale.conversion_id}\t1780000000000\t"
            f"{snapshot}\n",
        )


def credit_rows(people: People) -> Iterator[Line]:
    for sale in sales(people):
        own = sale.own
        ids = ",".join(f"{sale.key[:28]}{place:04x}" for place in own.places)
        dates = ",".join(people.date(sale.who.begins + day) for day in own.days)
        yield (
            sale.day,
            f"{sale.tenant}\t{sale.conversion_id}\tuntrained\t{{data_driven}}\t"
            f"{own.shown.record.state}\tt\t{people.date(sale.day)}\tUSD\tUSD\t{own.revenue}\t"
            f"{own.revenue}\t{{{ids}}}\t{{{dates}}}\t{own.credit_row}",
        )


def journeys(people: People) -> Iterator[Line]:
    for sale in sales(people):
        date = people.date(sale.day)
        yield (
            sale.day,
            f"{date}{sale.own.clock}\t{sale.own.revenue}\t{date}\tt\t{sale.tenant}\t"
            f"{sale.conversion_id}\t{sale.own.journey_row}",
        )


def pixel_events(people: People) -> Iterator[Line]:
    """A view of each person's first page, and of each order its checkout and purchase."""
    for who in people:
        for touch in people.lives[who.life].touches[:1]:
            day = who.begins + touch.at.day
            if people.is_past(day):
                yield day, _pixel(people, who, "PageView", day, touch.clock, _NULL)
    for sale in sales(people):
        for kind in ("InitiateCheckout", "Purchase"):
            order = sale.order_id if kind == "Purchase" else _NULL
            yield sale.day, _pixel(people, sale.who, kind, sale.day, sale.own.clock, order)


def _pixel(people: People, who: Person, kind: str, day: int, clock: str, order: str) -> str:
    own, at = key(people, who), people.date(day) + clock
    source = _NULL if order == _NULL else "api"
    return (
        f"{name(who.tenant)}\t{kind}-{own[:16]}-{day}{clock[1:13]}\tevents\t{kind}\t{at}\t{at}\t"
        f"visitor:{own[:20]}\t{own[:20]}\t{source}\t{order}\t{{}}\t{own}\n"
    )


class Sent(NamedTuple):
    """How a purchase fared at a destination; of a hundred one is refused, one runs out of time,
    and four need a second request."""

    sale: Sale
    platform: str
    event_id: str
    state: str
    attempts: int


def sent(people: People) -> Iterator[Sent]:
    for sale in sales(people):
        for platform in DESTINATIONS:
            event = purchase_event_id(
                tenant=sale.tenant, source="api", order_id=sale.order_id, platform=platform
            )
            chance = int(event[:4], 16) % 100
            state = {0: "rejected", 1: "expired"}.get(chance, "sent")
            attempts = {0: 1, 1: 4}.get(chance, 2 if chance < 6 else 1)
            yield Sent(sale, platform, event, state, attempts)


def deliveries(people: People) -> Iterator[Line]:
    for sale, platform, event, state, attempts in sent(people):
        at = people.date(sale.day) + sale.own.clock
        status = {"sent": "200", "rejected": "400", "expired": "503"}[state]
        error = _NULL if state == "sent" else state
        payload = (
            f'{{"value":{sale.own.revenue},"currency":"USD","source":"api",'
            f'"source_event_id":"o-{sale.order_id}"}}'
        )
        yield (
            sale.day,
            f"{sale.tenant}\t{platform}\t{event}\tevent\tPurchase\t{sale.order_id}\t{at}\t{state}\t"
            f"{attempts}\t{at}\t{at}\t{at}\t{status}\t{error}\t{at}\tt\t{payload}\n",
        )


def attempts(people: People) -> Iterator[Line]:
    for sale, platform, event, state, count in sent(people):
        at = people.date(sale.day) + sale.own.clock
        for number in range(1, count + 1):
            last = number == count and state != "expired"
            status, http = ({"sent": "sent", "rejected": "rejected"}[state], 200) if last else (
                "retry", 503)  # fmt: skip
            http = 400 if status == "rejected" else http
            error = _NULL if status == "sent" else "refused"
            yield (
                sale.day,
                f"{sale.tenant}\t{platform}\t{event}\tevent\tPurchase\t{sale.order_id}\t{number}\t"
                f"{status}\t{http}\t{error}\t{event}\t{event}\t{80 + int(event[4:6], 16)}\t{at}\n",
            )


def claims(people: People) -> Iterator[Line]:
    for number, (sale, platform, event, _, _) in enumerate(sent(people)):
        yield (
            sale.day,
            f"{sale.tenant}\t{platform}\t{event}\tevent\tcredits.v1\t{shard(sale.conversion_id)}\t"
            f"{number}\t{people.date(sale.day)}{sale.own.clock}\t{sale.conversion_id}\t"
            f"{sale.own.revenue}\n",
        )


def dead(people: People) -> Iterator[Line]:
    for sale, platform, event, state, count in sent(people):
        if state != "sent":
            at = people.date(sale.day) + sale.own.clock
            yield (
                sale.day,
                f"{sale.tenant}\t{platform}\t{event}\tevent\t{state}\trefused\t{count}\t{at}\n",
            )


def spend(people: People) -> Iterator[Line]:
    """Every paid campaign on every day, as its tenant is large."""
    size = people.size
    for day in range(size.days):
        for tenant in range(size.tenants):
            scale = size.share(tenant) / max(1, size.share(1 % size.tenants))
            for n, kind in enumerate(_PAID):
                amount = round(kind.amount * scale * (90 + (day * 7 + n * 11) % 21) / 100)
                yield (
                    day,
                    f"{name(tenant)}\t{kind.platform}\tact-1\t{people.date(day)}\t{kind.platform}\t"
                    f"{kind.channel}\t{kind.campaign}\tUSD\t{amount}\t{amount * 2}\t"
                    f"{amount // 40}\t1780000000000\tname:{kind.campaign}\n",
                )
