"""Which platform a request of a browser tells of what: the requests of vendors' tags, by their URL.

Vendors document the calls of their tags, not the requests that these make. What is read here:

- Meta: `facebook.com/tr?id=PIXEL&ev=Purchase&cd[value]=99.99&cd[currency]=USD&eid=EVENT_ID`, by GET
  or as a form; `noscript=1` from the image of a page without scripts.
- TikTok: `analytics.tiktok.com/api/v2/pixel`, below it `/act` and `/inter`: the fields in the query
  or as JSON (`event`, `event_id`, `context.pixel.code`, `properties.value`).
- Snapchat: `tr.snapchat.com/p?pid=PIXEL&e_nm=PURCHASE&e_par={"price": ...}`, or as a form.
- Google: `/g/collect?v=2&tid=G-1&en=purchase&epn.value=9&cu=USD` of GA4, whose body may have one
  more event a line; `/pagead/conversion/ID/?value=9&currency_code=USD&oid=ORDER` of Ads.

Loading the tag's script is told apart from an event (`kind`).
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final, Literal
from urllib.parse import SplitResult, parse_qsl, urlsplit

from processors.domain.payload import at

FILTER: Final = ("facebook.com/tr", "analytics.tiktok.com", "tr.snapchat.com")
"""What to type into the filter of the browser's network panel, joined by OR."""
LONGEST_BODY: Final = 1_000_000
_MOST_LINES: Final = 100

Kind = Literal["script", "event"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BrowserRequest:
    """What one request tells a platform; None where it does not say. `value` is a plain decimal in
    units of the currency; `noscript` is the image of a page that runs no scripts."""

    platform: str
    kind: Kind = "event"
    pixel_id: str | None = None
    event_name: str | None = None
    event_id: str | None = None
    order_id: str | None = None
    value: str | None = None
    currency: str | None = None
    noscript: bool = False


Read = Callable[[SplitResult, str], tuple[BrowserRequest, ...]]


def is_of_interest(url: str) -> bool:
    """Whether the filter of the network panel would show the request."""
    return any(part in url for part in FILTER)


def recognise(url: str, body: str | None = None) -> tuple[BrowserRequest, ...]:
    """What the request tells; nothing when it is to none of these platforms. Never raises."""
    try:
        split = urlsplit(url)
        host = (split.hostname or "").lower()
    except ValueError:
        return ()
    body = body if body and len(body) <= LONGEST_BODY else ""
    for pattern, read in _READERS:
        if pattern.fullmatch(host + split.path):
            return read(split, body)
    return ()


def _meta(split: SplitResult, body: str) -> tuple[BrowserRequest, ...]:
    said = _fields(split.query, body)
    if not said.get("id") or not said.get("ev"):
        return ()
    request = BrowserRequest(
        platform="meta",
        pixel_id=said["id"],
        event_name=said["ev"],
        event_id=said.get("eid"),
        order_id=said.get("cd[order_id]"),
        value=_number(said.get("cd[value]")),
        currency=_currency(said.get("cd[currency]")),
        noscript=said.get("noscript") == "1",
    )
    return (request,)


def _tiktok(split: SplitResult, body: str) -> tuple[BrowserRequest, ...]:
    query, told = _fields(split.query), _object(body)
    name = _text(told.get("event")) or query.get("event")
    if name is None:
        return ()
    worth = at(told, "properties")
    request = BrowserRequest(
        platform="tiktok",
        pixel_id=_text(at(told, "context", "pixel").get("code"))
        or query.get("sdkid")
        or query.get("pixel_code"),
        event_name=name,
        event_id=_text(told.get("event_id")) or query.get("event_id"),
        order_id=_text(worth.get("order_id")) or query.get("order_id"),
        value=_number(worth.get("value", query.get("value"))),
        currency=_currency(_text(worth.get("currency")) or query.get("currency")),
        noscript=query.get("noscript") == "1",
    )
    return (request,)


def _snapchat(split: SplitResult, body: str) -> tuple[BrowserRequest, ...]:
    said = _fields(split.query, body)
    name = said.get("e_nm") or said.get("ev")
    if name is None:
        return ()
    told = _object(said.get("e_par", ""))

    def of(*names: str) -> Any:
        return next((part[n] for part in (told, said) for n in names if part.get(n)), None)

    request = BrowserRequest(
        platform="snapchat",
        pixel_id=of("pid", "p_id", "pixel_id"),
        event_name=name,
        event_id=_text(of("client_dedup_id", "e_cdid")),
        order_id=_text(of("transaction_id", "e_tid")),
        value=_number(of("price", "value", "e_pr")),
        currency=_currency(_text(of("currency", "e_cur"))),
        noscript=said.get("noscript") == "1",
    )
    return (request,)


def _ga4(split: SplitResult, body: str) -> tuple[BrowserRequest, ...]:
    query = _fields(split.query)
    measurement = query.get("tid", "")
    if query.get("v") != "2" or not measurement:
        return ()
    lines = [_fields(line) for line in body.splitlines()[:_MOST_LINES] if line.strip()]
    shared = {name: query[name] for name in ("cu",) if name in query}
    hits = [query, *({**shared, **line} for line in lines)] if query.get("en") else lines
    return tuple(
        BrowserRequest(
            platform="ga4",
            pixel_id=measurement,
            event_name=hit["en"],
            order_id=hit.get("ep.transaction_id"),
            value=_number(hit.get("epn.value")),
            currency=_currency(hit.get("cu")),
        )
        for hit in hits
        if hit.get("en")
    )


def _google_ads(split: SplitResult, body: str) -> tuple[BrowserRequest, ...]:
    said, (*_, conversion) = _fields(split.query, body), split.path.strip("/").split("/")
    request = BrowserRequest(
        platform="google_ads",
        pixel_id=f"AW-{conversion}",
        event_name=said.get("en") or "conversion",
        order_id=said.get("oid"),
        value=_number(said.get("value")),
        currency=_currency(said.get("currency_code")),
        noscript=said.get("script") == "0",
    )
    return (request,)


def _script(platform: str, name: str = "") -> Read:
    def read(split: SplitResult, _: str) -> tuple[BrowserRequest, ...]:
        found = _fields(split.query).get(name)
        ads = platform == "ga4" and (found or "").startswith("AW-")
        to = "google_ads" if ads else platform
        return (BrowserRequest(platform=to, kind="script", pixel_id=found),)

    return read


_READERS: Final[tuple[tuple[re.Pattern[str], Read], ...]] = tuple(
    (re.compile(pattern), read)
    for pattern, read in (
        (r"(www\.)?facebook\.com/tr/?", _meta),
        (r"analytics\.tiktok\.com/api/v2/pixel(/\w+)?/?", _tiktok),
        (r"tr\.snapchat\.com/p/?", _snapchat),
        (r"([\w-]+\.)*(google-analytics|analytics\.google)\.com/g/collect", _ga4),
        (
            r"(www\.)?(googleadservices|google|googleads\.g\.doubleclick)\.\w+/pagead/"
            r"(1p-)?conversion/\d+/?",
            _google_ads,
        ),
        (r"connect\.facebook\.net/[\w-]+/fbevents\.js", _script("meta")),
        (r"analytics\.tiktok\.com/i18n/pixel/events\.js", _script("tiktok", "sdkid")),
        (r"sc-static\.net/scevent\.min\.js", _script("snapchat")),
        (r"www\.googletagmanager\.com/gtag/js", _script("ga4", "id")),
    )
)


def _fields(query: str, body: str = "") -> dict[str, str]:
    """The first of each name, of the query and then of the body as a form."""
    found: dict[str, str] = {}
    form = "" if body.lstrip()[:1] in ("{", "[") else body
    for name, value in (*parse_qsl(query), *parse_qsl(form)):
        found.setdefault(name, value)
    return found


def _object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text, parse_float=Decimal) if text else None
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _text(value: Any) -> str | None:
    return str(value) if isinstance(value, str | int) and value != "" else None


def _number(value: Any) -> str | None:
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return None
    try:
        found = Decimal(value)
    except InvalidOperation:
        return None
    return format(found, "f") if found.is_finite() and abs(found.adjusted()) < 20 else None


def _currency(value: str | None) -> str | None:
    return value.strip().upper() or None if value else None
