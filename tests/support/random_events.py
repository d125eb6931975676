"""Touches and pixel events: sparse, contradictory, and with every kind of marketing."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from schemas.envelope import Browser, Consent, Marketing
from schemas.pixel_event import PixelEvent
from schemas.touchpoint import Touchpoint
from tests.support.random_people import DAY, World, content_hash

PAGE = "https://shop.example.com/products/1"
CAMPAIGNS: tuple[dict[str, str], ...] = (
    {},
    {"utm_campaign": "spring"},
    {"utm_campaign": "Workshop tour"},
)
CAME_BY: tuple[dict[str, str], ...] = (
    {},
    {"utm_source": "google", "utm_medium": "cpc"},
    {"utm_source": "facebook", "utm_medium": "paid_social"},
    {"utm_source": "Instagram", "utm_medium": "cpm"},
    {"utm_source": "klaviyo", "utm_medium": "email"},
    {"utm_source": "newsletter", "utm_medium": "email"},
    {"utm_source": "tiktok", "utm_medium": "social"},
    {"utm_source": "youtube", "utm_medium": "paid_video"},
    {"utm_source": "partner.example.com", "utm_medium": "referral"},
    {"utm_source": "someone", "utm_medium": "sms"},
    {"utm_source": "google", "utm_medium": "cpc", "utm_campaign": "shopping-de"},
    {"utm_source": "(direct)", "utm_medium": "(none)"},
    {"gclid": "EAIaIQ+x"},
    {"fbclid": "IwAR0"},
    {"ttclid": "E.C.P"},
    {"msclkid": "ms1"},
    {"sccid": "sc1"},
    {"ref": "FRIEND10"},
    {"creator": "ada"},
)
REFERRERS = (
    None, None, "https://www.google.com/", "https://duckduckgo.com/?q=x", "https://m.facebook.com/",
    "https://blog.example.org/post", "https://shop.example.com/cart", "https://www.pinterest.de/",
)  # fmt: skip
AGENTS = (
    None,
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64)",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Mobile/15E148",
    "Mozilla/5.0 (iPad; CPU OS 17_0 like Mac OS X)",
)
BOTS = (("declared",), ("headless", "no_language"), ("no_agent", "pace"))
CUSTOM = ("ViewContent", "AddToCart", "InitiateCheckout", "Lead", "quiz_done")
DENIED = "quiz_done"
_WEEK = 7 * DAY


def consent(world: World) -> Consent | None:
    """Mostly silence; else flags, each granted, denied or left out."""
    if world.chance(0.7):
        return None
    flags = ("ad_storage", "ad_user_data", "analytics_storage")
    return Consent(**{f: world.rng.choice(["granted", "granted", "denied", None]) for f in flags})


def touchpoints(world: World, count: int) -> Iterator[Touchpoint]:
    """About `count` touches; some ids come again with another content."""
    for _ in range(count):
        first = _fields(world, event_id=world.name("t"), marketing=_marketing(world))
        yield Touchpoint(**_stamped(world, {**first, **_server(world)}))
        if world.chance(0.12):
            yield Touchpoint(**_stamped(world, {**first, **_contradiction(world)}))


def events(world: World, count: int) -> Iterator[PixelEvent]:
    """About `count` page views, custom events, identify calls and events told by webhook."""
    for n in range(count):
        fields = _fields(world, event_id=world.name("e"), marketing=Marketing())
        if world.chance(0.15):
            fields |= {"source": "identify", "event_name": "identify"}
            fields["identifiers"] = world.identifiers(visitor=fields["visitor_id"], share=1)
        elif world.chance(0.5):
            seen = _marketing(world) if world.chance(0.5) else Marketing()
            fields |= {"source": "events", "event_name": "PageView", "marketing": seen}
            fields["session_start"] = world.chance(0.3)
        else:
            source = "webhook" if n % 6 == 5 else "checkout"
            fields |= {"source": source, "event_name": world.rng.choice(CUSTOM)}
            fields["checkout_id"] = f"checkout-{n % 7}" if world.chance(0.4) else None
            fields["filtered"] = "event_denied" if fields["event_name"] == DENIED else None
        yield PixelEvent(**_stamped(world, fields))
        if world.chance(0.12):
            yield PixelEvent(**_stamped(world, {**fields, **_contradiction(world)}))


def _fields(world: World, *, event_id: str, marketing: Marketing) -> dict[str, Any]:
    visitor = world.visitor() if world.chance(0.85) else None
    url = PAGE
    if world.chance(0.5):
        said = marketing.model_dump(exclude_none=True)
        url = f"{PAGE}?{urlencode(said)}" if said else PAGE
    return {
        "tenant_id": world.tenant,
        "event_id": event_id,
        "occurred_at": world.touch_moment(),
        "visitor_id": visitor,
        "session_id": f"s-{world.rng.randrange(50)}" if world.chance(0.5) else None,
        "identifiers": world.identifiers(visitor=visitor, share=0.35 if visitor else 0.9),
        "marketing": marketing,
        "browser": Browser(
            url=url if world.chance(0.9) else None,
            referrer=world.rng.choice(REFERRERS),
            user_agent=world.rng.choice(AGENTS),
        ),
        "consent": consent(world),
    }


def _marketing(world: World) -> Marketing:
    campaign = world.rng.choice(CAMPAIGNS)
    return Marketing(**{**campaign, **world.rng.choice(CAME_BY)})


def _server(world: World) -> dict[str, Any]:
    """What a server that knows may set."""
    fields: dict[str, Any] = {"type": "view" if world.chance(0.2) else "click"}
    if world.chance(0.1):
        fields["channel"] = world.rng.choice(["podcast", "display", "direct", "affiliate"])
    if world.chance(0.1):
        fields["platform"] = world.rng.choice(["meta", "google", "acast"])
    if world.chance(0.1):
        fields |= {"campaign_id": f"cmp-{world.rng.randrange(3)}", "ad_id": "ad-1"}
    return fields


def _contradiction(world: World) -> dict[str, Any]:
    """Another content for an event id that is taken."""
    harmless = ["time", "marketing"]
    other = world.rng.choice(harmless if world.calm else [*harmless, "visitor", "both"])
    fields: dict[str, Any] = {}
    if other in ("time", "both"):
        fields["occurred_at"] = world.touch_moment()
    if other in ("visitor", "both"):
        fields["visitor_id"] = world.visitor()
    if other == "marketing":
        fields |= {"marketing": _marketing(world), "type": "view"}
    return fields


def _maker(world: World) -> dict[str, Any]:
    """Some hits are robots', and of most the device is known."""
    made: dict[str, Any] = {}
    if world.chance(0.15):
        made["bot_reasons"] = world.rng.choice(BOTS)
    if world.chance(0.6):
        made["device_fingerprint"] = f"{world.rng.randrange(16):032x}"
    return made


def _stamped(world: World, fields: dict[str, Any]) -> dict[str, Any]:
    """With the hash and the stamps that the gateway sets."""
    delay = world.rng.choice([5, 500, 3_600_000, 10 * DAY])
    received_at = fields["occurred_at"] + delay
    fields = {**fields, **_maker(world)}
    return {
        **fields,
        "content_hash": content_hash(fields),
        "received_at": received_at,
        "late": delay > _WEEK,
    }
