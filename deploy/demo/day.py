"""A seeded day of three shops, as the requests that arrive at the gateway, in their order.

Event times lie in the last 36 hours, some touches up to 30 days back; the order is that of
arrival, which is not that of the events: relays are late, webhooks overtake, some requests come
twice, and some event ids come again with another content. The same seed and moment give the same
bytes. Ids carry the moment, so that a second day on the same stack adds to the first.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Any, Final, NamedTuple

from deploy.demo import browsing, orders, spend, spoiled, webhooks
from deploy.demo.lines import Request, post
from deploy.demo.people import (
    BUYER_SHARE,
    DAY,
    HOUR,
    MINUTE,
    Customer,
    Visitor,
    customers,
    visitors,
)
from deploy.demo.purchases import Purchase, purchases
from deploy.demo.shops import NEW_YORK, SHOPS, Shop
from deploy.demo.story import Story, story

CLOSING: Final = 20
"""Orders kept back, to be sent one by one when everything else is done."""

_SINGLE_SHARE: Final = 0.15
_TWICE_SHARE: Final = 0.03
_CHANGED_SHARE: Final = 0.01
_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"

Json = dict[str, Any]


class Arrival(NamedTuple):
    """A request and when it reaches the gateway, in the time of the day."""

    at: int
    request: Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What to play, the orders for afterwards, and the story of one more."""

    requests: tuple[Request, ...]
    closing: tuple[Request, ...] = ()
    story: Story | None = None


def day(
    *, seed: int, now: int, scale: float = 1.0, buyers: float = BUYER_SHARE, pixel: float = 1.0
) -> Day:
    """The whole day; `scale` makes it smaller or larger, `buyers` of its visitors buy, and the
    pixel sees `pixel` of the visits (0 to 1); relays tell of all."""
    rng = Random(seed)  # noqa: S311  (the same day again is the point)
    run = _base36(now // 1000)
    arrivals: list[Arrival] = []
    closing: list[Request] = []
    for shop in SHOPS:
        found = visitors(rng, shop, now=now, run=run, count=max(20, round(shop.visitors * scale)))
        buying = customers(rng, found, run=run, shop=shop, share=buyers)
        bought = purchases(rng, shop, buying, now=now, run=run)
        if shop is NEW_YORK:
            bought, kept = _keep_back(bought)
            closing = [a.request for p in kept for a in _orders(rng, shop, p, now=now)]
        arrivals += _traffic(rng, shop, found, now=now, pixel=pixel)
        arrivals += _logins(rng, shop, buying, now=now)
        for purchase in bought:
            arrivals += _orders(rng, shop, purchase, now=now)
            arrivals += _checkout(rng, shop, purchase)
        arrivals += _spend(rng, shop, now=now)
    arrivals += _spoiled(rng, now=now, run=run)
    arrivals += _again(rng, arrivals)
    arrivals.sort(key=lambda arrival: arrival.at)
    return Day(
        requests=tuple(arrival.request for arrival in arrivals),
        closing=tuple(closing),
        story=story(now=now, run=run),
    )


def _keep_back(bought: list[Purchase]) -> tuple[list[Purchase], list[Purchase]]:
    plain = [purchase for purchase in bought if purchase.fate == "paid"][-CLOSING:]
    return [purchase for purchase in bought if purchase not in plain], plain


def _traffic(
    rng: Random, shop: Shop, found: list[Visitor], *, now: int, pixel: float
) -> Iterator[Arrival]:
    """Touches and pixel events: some posted one by one, most in a relay's batches."""
    touches: list[tuple[int, Json]] = []
    events: list[tuple[int, Json]] = []
    for visitor in found:
        for visit in visitor.visits:
            recent = now - visit.at < 2 * DAY
            seen = recent and (pixel >= 1 or rng.random() < pixel)
            if visit.by_pixel and seen and not visit.landing.server:
                events.append((visit.at, browsing.page_view(shop, visitor, visit)))
            else:
                touches.append((visit.at, browsing.touch(rng, shop, visitor, visit)))
            if seen and not visit.landing.view and rng.random() < 0.12:
                done = browsing.shopping(rng, shop, visitor, visit)
                events += [(visit.at + 4 * MINUTE, event) for event in done]
    touches += [_changed(rng, row) for row in touches if rng.random() < _CHANGED_SHARE]
    yield from _posted(rng, shop, touches, path="/v1/touchpoints", now=now)
    yield from _posted(rng, shop, events, path="/v1/events", now=now)


def _changed(rng: Random, row: tuple[int, Json]) -> tuple[int, Json]:
    """The same event id with another content, as broken senders have it."""
    at, body = row
    return at + MINUTE, body | {"url": f"https://{rng.choice(('a', 'b'))}.example.com/?ref=copy"}


def _posted(
    rng: Random, shop: Shop, rows: list[tuple[int, Json]], *, path: str, now: int
) -> Iterator[Arrival]:
    arrived = sorted(
        ((_arrival(rng, at, now=now), body) for at, body in rows), key=lambda row: row[0]
    )
    batch: list[Json] = []
    size = rng.randint(5, 50)
    for at, body in arrived:
        if rng.random() < _SINGLE_SHARE:
            yield Arrival(at, post(path, body, tenant=shop.tenant))
            continue
        batch.append(body)
        if len(batch) >= size:
            yield Arrival(at, _batch(rng, path, batch, shop))
            batch, size = [], rng.randint(5, 50)
    if batch:
        yield Arrival(now, _batch(rng, path, batch, shop))


def _batch(rng: Random, path: str, batch: list[Json], shop: Shop) -> Request:
    return post(path, {"batch": batch} if rng.random() < 0.5 else batch, tenant=shop.tenant)


def _arrival(rng: Random, at: int, *, now: int) -> int:
    """Mostly at once; sometimes hours later; what is older than the day, at any time of it."""
    if now - at > 2 * DAY:
        return now - rng.randint(0, DAY)
    delay = rng.randint(0, 6 * HOUR) if rng.random() < 0.08 else rng.randint(0, 4_000)
    return min(at + delay, now)


def _logins(rng: Random, shop: Shop, found: list[Customer], *, now: int) -> Iterator[Arrival]:
    """Customers who log in, in each of their browsers, and those who refuse advertising."""
    for customer in found:
        ids = {"email": customer.email, "customer_id": customer.id}
        for visitor in customer.visitors:
            at = visitor.visits[-1].at + 2 * MINUTE
            if len(customer.visitors) > 1 or rng.random() < 0.2:
                body = {"visitor_id": visitor.id, "identifiers": ids, "occurred_at": at}
                yield Arrival(
                    _arrival(rng, at, now=now), post("/v1/identify", body, tenant=shop.tenant)
                )
            if visitor.denied:
                refusal = {
                    "visitor_id": visitor.id,
                    "identifiers": {"customer_id": customer.id},
                    "consent": browsing.DENIED,
                    "occurred_at": at,
                }
                yield Arrival(
                    _arrival(rng, at, now=now), post("/v1/consent", refusal, tenant=shop.tenant)
                )


def _orders(rng: Random, shop: Shop, purchase: Purchase, *, now: int) -> Iterator[Arrival]:
    if shop.shopify_domain:
        for hook in webhooks.webhooks(shop, purchase, now=now):
            paid = hook.topic == "orders/paid" and purchase.fate == "paid"
            yield Arrival(
                _arrival(rng, hook.at, now=now),
                post(
                    f"/api/webhooks/shopify/{hook.topic}",
                    hook.body,
                    tenant=shop.tenant,
                    key="none",
                    sign="shopify",
                    orders=(("shopify", purchase.order_id),) if paid else (),
                ),
            )
        return
    for at, body in orders.orders(shop, purchase, now=now):
        paid = purchase.fate == "paid"
        yield Arrival(
            _arrival(rng, at, now=now),
            post(
                "/v1/orders",
                body,
                tenant=shop.tenant,
                orders=(("api", purchase.order_id),) if paid else (),
            ),
        )


def _checkout(rng: Random, shop: Shop, purchase: Purchase) -> Iterator[Arrival]:
    """The pixel's view of the checkout; blockers hide some of it."""
    if rng.random() < 0.15:
        return
    if not shop.shopify_domain:
        events = browsing.checkout(shop, purchase)
        yield Arrival(purchase.at + 2_000, post("/v1/events", events, tenant=shop.tenant))
        return
    for event in browsing.envelopes(shop, purchase):
        request = post("/api/events/checkout", event, tenant=shop.tenant, key="query")
        yield Arrival(purchase.at + rng.randint(0, 3_000), request)


def _spend(rng: Random, shop: Shop, *, now: int) -> Iterator[Arrival]:
    rows = spend.spend(rng, shop, now=now)
    yield Arrival(now - 5 * HOUR, post("/v1/spend", rows[:-1], tenant=shop.tenant))
    yield Arrival(now - HOUR, post("/v1/spend", rows[-1], tenant=shop.tenant))


def _spoiled(rng: Random, *, now: int, run: str) -> Iterator[Arrival]:
    shop, other, *_ = SHOPS
    for request in spoiled.spoiled(tenant=shop.tenant, other_tenant=other.tenant, now=now, run=run):
        yield Arrival(now - rng.randint(0, DAY), request)


def _again(rng: Random, arrivals: Iterable[Arrival]) -> list[Arrival]:
    """Exact redeliveries: a timeout on the way back, a webhook's retry."""
    return [
        Arrival(at + rng.randint(1_000, HOUR), request)
        for at, request in arrivals
        if request.expect == 200 and rng.random() < _TWICE_SHARE
    ]


def _base36(number: int) -> str:
    text = ""
    while number:
        number, digit = divmod(number, 36)
        text = _DIGITS[digit] + text
    return text or "0"
