"""Events to a platform's API without the pipeline: for a page of one's own, or a script.

What the pipeline does behind its log is then the caller's: there is no ledger, and an event is
sent when its call says so. The rest is the connector's: the same request, the same hashes, the
same meaning of answers. Consent is asked for here, too.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, TypedDict

from processors.domain import consent as consents
from processors.domain.hashing import is_sha256, sha256_hex
from processors.domain.ids import event_delivery_id, purchase_event_id
from processors.domain.money import is_currency, to_minor
from processors.domain.normalise import hashed_user_data
from processors.engine.clock import wall_clock
from processors.platforms.base import Account, Connector, Result
from processors.platforms.resilience import QUICK_SECONDS
from schemas.delivery import Delivery, Platform
from schemas.envelope import Browser, Consent, Content, Identifiers, Marketing, UserData

Amount = str | int | float | Decimal
Sleep = Callable[[float], Awaitable[object]]

TENANT: Final = "direct"
_AGAIN: Final = frozenset({"retry", "throttled", "unknown"})


class Line(TypedDict, total=False):
    """A product, its price in the currency's major unit."""

    product_id: str
    sku: str
    title: str
    quantity: int
    price: Amount


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectEvent:
    """An event. `occurred_at` is in epoch milliseconds; `user_data` has a person's details as they
    are typed, or as SHA-256, by the names email, phone, first_name, last_name, city, state, zip,
    country, external_id. A tag in the browser must use the same `event_id`; without one it is a
    hash of account and order."""

    occurred_at: int
    event_name: str = "Purchase"
    event_id: str | None = None
    order_id: str | int | None = None
    value: Amount | None = None
    currency: str | None = None
    contents: Sequence[Line] = ()
    user_data: Mapping[str, str] = field(default_factory=dict, repr=False)
    visitor_id: str | None = None
    identifiers: Identifiers = field(default_factory=Identifiers)
    marketing: Marketing = field(default_factory=Marketing)
    browser: Browser = field(default_factory=Browser)
    consent: Consent = field(default_factory=Consent)


def delivery(event: DirectEvent, platform: Platform, account_id: str) -> Delivery:
    """The event as connectors take it.

    Raises:
        ValueError: naming the field that is missing or wrong.
    """
    code = event.currency
    if code is not None and not is_currency(code):
        raise ValueError("currency is not an ISO 4217 currency code")
    order = None if event.order_id is None else str(event.order_id)
    return Delivery(
        tenant_id=TENANT,
        platform=platform,
        event_id=event.event_id or _event_id(event, platform, account_id),
        event_name=event.event_name,
        occurred_at=event.occurred_at,
        order_id=order,
        value=_minor(event.value, code, "value"),
        currency=code,
        contents=tuple(_content(line, code, n) for n, line in enumerate(event.contents)),
        identifiers=event.identifiers,
        visitor_id=event.visitor_id,
        marketing=event.marketing,
        browser=event.browser,
        user_data=UserData(hashed=hashed_user_data(event.user_data)),
        consent=event.consent,
    )


async def send(
    kind: type[Connector],
    account: Account,
    said: Delivery,
    *,
    retries: int = 3,
    sleep: Sleep = asyncio.sleep,
) -> Result:
    """Load a connector, send, close it. Sent again while that may help: without an answer only
    where the platform would know the event again. Nothing is sent that consent forbids or that
    the platform can never take."""
    flags = said.consent.model_dump()
    if not consents.allows(said.platform, flags, when_absent=consents.GRANTED):
        return Result("rejected", "consent does not allow it")
    connector = kind.load(wall_clock)
    try:
        if (refusal := connector.refusal(said)) is not None:
            return Result("rejected", refusal)
        return await _patiently(connector, account, said, retries=retries, sleep=sleep)
    finally:
        await connector.close()


async def _patiently(
    connector: Connector, account: Account, said: Delivery, *, retries: int, sleep: Sleep
) -> Result:
    tries = 0
    while True:
        answer = await connector.send(account, [said])
        result = answer.results[0]
        twice = result.verdict == "unknown" and connector.dedupe_window_ms(said) is None
        if result.verdict not in _AGAIN or twice or tries == retries:
            return result
        usual = QUICK_SECONDS[min(tries, len(QUICK_SECONDS) - 1)]
        await sleep(max(answer.pause_seconds, usual))
        tries += 1


@dataclass(frozen=True, slots=True)
class Direct:
    """One platform: its connector, the name of its one credential, and under which of our hashes
    it takes a detail (`forms`, by the detail's name)."""

    kind: type[Connector]
    credential: str
    forms: Mapping[str, str]

    async def send_event(
        self,
        account_id: str,
        secret: str,
        event: DirectEvent,
        *,
        retries: int = 3,
        sleep: Sleep = asyncio.sleep,
    ) -> Result:
        """One standard or custom event; `secret` is the account's token.

        Raises:
            ValueError: naming the field of the event that is missing or wrong.
        """
        said = delivery(event, self.kind.platform, account_id)
        account = Account(TENANT, account_id, {self.credential: secret})
        return await send(self.kind, account, said, retries=retries, sleep=sleep)

    async def send_purchase_event(
        self,
        account_id: str,
        secret: str,
        event: DirectEvent,
        *,
        retries: int = 3,
        sleep: Sleep = asyncio.sleep,
    ) -> Result:
        """One purchase, as `send_event`."""
        if event.event_name != "Purchase":
            raise ValueError("event_name must be Purchase")
        return await self.send_event(account_id, secret, event, retries=retries, sleep=sleep)

    def hash_pii(self, value: str, kind: str | None = None) -> str:
        """SHA-256 in the platform's form; `kind` is email, phone, first_name, and so on.

        Raises:
            ValueError: for what cannot be such a detail, or a kind that the platform does not take.
        """
        return hash_pii(value, kind, forms=self.forms)


def hash_pii(value: str, kind: str | None = None, *, forms: Mapping[str, str]) -> str:
    """SHA-256 of a detail in the form in which a platform hashes it; a hash stays as it is.
    Without a `kind` the form is the trimmed, lower-case text, which suits emails.

    Raises:
        ValueError: for what cannot be such a detail; the text does not hold it.
    """
    if is_sha256(value):
        return value.lower()
    text = value.strip().lower()
    if kind is None and text:
        return sha256_hex(text)
    if kind is not None and kind not in forms:
        raise ValueError(f"kind must be one of {', '.join(forms)}")
    found = hashed_user_data({kind: value}).get(forms[kind]) if kind is not None else None
    if found is None:
        raise ValueError(f"this is no {kind or 'detail of a person'}")
    return found


def _event_id(event: DirectEvent, platform: Platform, account_id: str) -> str:
    if event.order_id is None:
        raise ValueError("event_id or order_id is required")
    order = str(event.order_id)
    if event.event_name == "Purchase":
        return purchase_event_id(tenant=account_id, source="api", order_id=order, platform=platform)
    return event_delivery_id(
        tenant=account_id,
        platform=platform,
        event_name=event.event_name,
        event_id="",
        order_id=order,
        checkout_id=None,
    )


def _minor(value: Amount | None, currency: str | None, name: str) -> int | None:
    if value is None:
        return None
    if currency is None:
        raise ValueError(f"currency is required with {name}")
    try:
        return to_minor(str(value) if isinstance(value, Decimal) else value, currency)
    except (ValueError, ArithmeticError):
        raise ValueError(f"{name} is not an amount of money of at least 0") from None


def _content(line: Line, currency: str | None, n: int) -> Content:
    return Content(
        product_id=line.get("product_id"),
        sku=line.get("sku"),
        title=line.get("title"),
        quantity=line.get("quantity", 1),
        price=_minor(line.get("price"), currency, f"contents[{n}].price"),
    )
