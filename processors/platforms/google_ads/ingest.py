"""Conversions as a request of the Data Manager API (`events:ingest`, v1). Pure.

A request has one destination, the conversion action, so that its events need not name theirs.
Google takes an event of a known transaction id for an adjustment of it: the same event again
changes nothing.
"""

from collections.abc import Sequence

from processors.platforms.base import Account
from processors.platforms.google_ads import accounts
from processors.platforms.google_ads import conversion as said
from processors.platforms.payload import compact
from schemas.delivery import Delivery
from schemas.envelope import Json

SOURCES = {"whatsapp": "MESSAGE", "offline": "OTHER"}
"""Where an order came from, by its source; all others come from the web."""


def body(deliveries: Sequence[Delivery], account: Account, action: str, *, now_ms: int) -> Json:
    """The body of a request with these events, which count for one action."""
    events = [event(delivery, now_ms=now_ms) for delivery in deliveries]
    login = account.secret(accounts.LOGIN)
    destination: Json = {
        "operatingAccount": _account(account.account_id),
        "loginAccount": _account(login) if login else None,
        "productDestinationId": action,
    }
    return compact(
        {
            "destinations": [compact(destination)],
            "encoding": "HEX" if any("userData" in each for each in events) else None,
            "events": events,
        }
    )


def event(delivery: Delivery, *, now_ms: int) -> Json:
    """One event; a future time is sent as now.

    Raises:
        Unsendable: if Google would refuse it, and its whole batch with it.
    """
    said.check(delivery)
    worth, browser = said.money(delivery), delivery.browser
    people = compact({"emailAddress": said.email(delivery), "phoneNumber": said.phone(delivery)})
    fields = compact(
        {
            "transactionId": said.transaction(delivery),
            "eventTimestamp": _time(min(delivery.occurred_at, now_ms)),
            "eventSource": SOURCES.get(delivery.source or "", "WEB"),
            "currency": worth[1] if worth else None,
            "adIdentifiers": said.click(delivery),
            "eventDeviceInfo": compact({"userAgent": browser.user_agent}),
            "consent": said.stated(
                {
                    "adUserData": delivery.consent.ad_user_data,
                    "adPersonalization": delivery.consent.ad_personalization,
                },
                prefix="CONSENT_",
            ),
        }
    )
    if worth:
        fields["conversionValue"] = worth[0]
    if people:
        fields["userData"] = {"userIdentifiers": [{name: one} for name, one in people.items()]}
    return fields


def _time(ms: int) -> str:
    return said.moment(ms).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _account(customer: str) -> Json:
    return {"accountType": "GOOGLE_ADS", "accountId": customer}
