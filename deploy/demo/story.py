"""The story of one order, told after the day: a refund, a late touch and a second device.

A customer buys on a laptop after a search ad and a newsletter. Later three things come in that a
batch job would have missed: part of the money goes back, a relay delivers a click of the day
before, and the customer logs in on the phone whose video ad had come first of all.
"""

from dataclasses import dataclass
from typing import Any, Final

from deploy.demo.clock import utc
from deploy.demo.lines import Request, post
from deploy.demo.people import DAY, HOUR
from deploy.demo.shops import NEW_YORK, Shop

Json = dict[str, Any]

_SHOP: Final[Shop] = NEW_YORK
_PRICE: Final = 12_000
_REFUND: Final = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """The order, the requests that lead to it, and what comes in afterwards, each in a few
    words."""

    tenant: str
    order_id: str
    before: tuple[Request, ...]
    after: tuple[tuple[str, Request], ...]


def story(*, now: int, run: str) -> Story:
    """The requests of the story; event times lie before `now`, ids carry the run."""
    laptop, phone, customer = f"v-laptop-{run}", f"v-phone-{run}", f"c-story-{run}"
    order_id, ordered_at = f"story-{run}", now - HOUR
    ids = {"customer_id": customer, "email": f"story.{run}@example.com"}
    order: Json = {
        "order_id": order_id,
        "ordered_at": utc(ordered_at),
        "updated_at": utc(ordered_at),
        "revenue": _SHOP.amount(_PRICE),
        "currency": _SHOP.currency,
        "visitor_id": laptop,
        "customer_id": customer,
        "identifiers": {"email": ids["email"]},
    }
    refunded: Json = order | {
        "updated_at": utc(now),
        "status": "partially_refunded",
        "refunds": [{"refund_id": f"r-{order_id}", "amount": _SHOP.amount(_REFUND)}],
    }
    touches = [
        _touch(f"{run}-ad", phone, "utm_source=youtube&utm_medium=cpc", at=now - 6 * DAY),
        _touch(f"{run}-search", laptop, "gclid=story", at=now - 3 * DAY),
        _touch(f"{run}-mail", laptop, "utm_source=klaviyo&utm_medium=email", at=now - 2 * HOUR),
        _touch(f"{run}-thanks", laptop, "", at=now - HOUR // 2),
    ]
    late = _touch(f"{run}-late", laptop, "ref=hat-blog", at=now - DAY)
    login = {"visitor_id": phone, "identifiers": ids, "occurred_at": utc(now)}
    return Story(
        tenant=_SHOP.tenant,
        order_id=order_id,
        before=(_post("/v1/touchpoints", touches), _post("/v1/orders", order)),
        after=(
            (f"{_SHOP.amount(_REFUND)} go back", _post("/v1/orders", refunded)),
            ("a click of yesterday arrives", _post("/v1/touchpoints", late)),
            ("the customer logs in on the phone", _post("/v1/identify", login)),
        ),
    )


def _touch(name: str, visitor: str, query: str, *, at: int) -> Json:
    return {
        "event_id": f"story-{name}",
        "visitor_id": visitor,
        "occurred_at": utc(at),
        "url": f"https://{_SHOP.host}/?{query}",
    }


def _post(path: str, body: object) -> Request:
    return post(path, body, tenant=_SHOP.tenant)
