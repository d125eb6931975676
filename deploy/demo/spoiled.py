"""What real traffic also brings: requests that must be refused, each with the right answer, and
odd ones that must be taken all the same."""

from typing import Any

from deploy.demo.clock import utc
from deploy.demo.lines import Request, post
from deploy.demo.people import DAY, HOUR

Json = dict[str, Any]


def spoiled(*, tenant: str, other_tenant: str, now: int, run: str) -> list[Request]:
    """A few of each kind, none of which leaves a wrong trace."""
    touch: Json = {
        "event_id": f"spoiled-{run}",
        "visitor_id": f"v-spoiled-{run}",
        "occurred_at": utc(now - HOUR),
    }
    return [
        *_unreadable(tenant),
        *_strangers(tenant, touch),
        *_refused(tenant, other_tenant, touch, now=now, run=run),
        *_odd(tenant, touch, run=run),
    ]


def _unreadable(tenant: str) -> list[Request]:
    """Not what the route understands: 400 and 415."""
    cut = b'{"visitor_id": "v-1", "url": "https://shop.exam'
    xml = {"Content-Type": "application/xml"}
    path = "/v1/touchpoints"
    return [
        Request(tenant=tenant, path=path, body=cut, expect=400),
        Request(tenant=tenant, path=path, body=b'"a string"', expect=400),
        Request(tenant=tenant, path=path, body=b"<touch/>", headers=xml, expect=415),
        post(path, [], tenant=tenant, expect=400),
    ]


def _strangers(tenant: str, touch: Json) -> list[Request]:
    """Nobody's key, no key, a forged signature: 401."""
    return [
        post("/v1/touchpoints", touch, tenant=tenant, key="none", expect=401),
        post("/v1/touchpoints", touch, tenant=tenant, key="wrong", expect=401),
        post(
            "/api/webhooks/shopify/orders/paid",
            {"id": 1, "total_price": "999999.00", "currency": "USD"},
            tenant=tenant,
            key="none",
            sign="forger",
            expect=401,
        ),
    ]


def _refused(tenant: str, other: str, touch: Json, *, now: int, run: str) -> list[Request]:
    """Well-formed and wrong: 422, or 200 for the good part of a batch."""
    order: Json = {
        "order_id": f"spoiled-{run}",
        "ordered_at": utc(now - HOUR),
        "revenue": "10.00",
        "currency": "USD",
        "customer_id": "c-spoiled",
    }
    junk = {"visitor_id": "undefined", "identifiers": {"email": "null"}}
    bad = [
        ("/v1/touchpoints", {"event_id": "nobody", "occurred_at": utc(now)}),
        ("/v1/touchpoints", touch | junk),
        ("/v1/touchpoints", touch | {"occurred_at": utc(now + 3 * DAY)}),
        ("/v1/touchpoints", touch | {"occurred_at": "1999-12-31T23:59:59Z"}),
        ("/v1/touchpoints", touch | {"tenant_id": other}),
        ("/v1/touchpoints", touch | {"type": "hover"}),
        ("/v1/orders", order | {"currency": "DOGE"}),
        ("/v1/orders", order | {"revenue": "-5"}),
        ("/v1/orders", order | {"revenue": "ten"}),
        ("/v1/orders", {name: order[name] for name in order if name != "order_id"}),
        ("/v1/events", {"visitor_id": "v-1", "occurred_at": utc(now)}),
        ("/v1/identify", {"visitor_id": "v-1"}),
    ]
    good = touch | {"event_id": f"spoiled-{run}-good"}
    return [
        *(post(path, body, tenant=tenant, expect=422, rejected=1) for path, body in bad),
        post("/v1/touchpoints", {"batch": [good, bad[0][1]]}, tenant=tenant, rejected=1),
    ]


def _odd(tenant: str, touch: Json, *, run: str) -> list[Request]:
    """Strange, and right to take."""
    person = f"v-odd-{run}"
    odd: list[Json] = [
        {"visitor_id": person, "session_id": "null", "event_id": f"odd-{run}-1"},
        {"visitor_id": person, "url": "not a url ?utm_source=newsletter", "utm_medium": "email"},
        {"visitor_id": person, "utm_campaign": "ümläut & emoji 🎩", "utm_source": "google"},
        {"visitor_id": person, "unknown_field": {"kept": False}, "referrer": ""},
    ]
    when = {"occurred_at": touch["occurred_at"]}
    return [post("/v1/touchpoints", body | when, tenant=tenant) for body in odd]
