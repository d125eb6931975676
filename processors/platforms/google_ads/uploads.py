"""Conversions and their adjustments as requests of the Google Ads API. Pure.

Adjustments go this way whichever API took the conversion: only here a conversion can be retracted,
and only here one that Google does not know is an error. The Data Manager API would restate it to
nothing, still count it, and make a new conversion of an unknown one.
"""

from collections.abc import Sequence
from typing import Final

from processors.platforms.base import Account, Unsendable
from processors.platforms.google_ads import accounts
from processors.platforms.google_ads import conversion as said
from processors.platforms.payload import amount, compact, order_reference
from schemas.delivery import Delivery
from schemas.envelope import Json

CONVERSIONS: Final = "conversions"
ADJUSTMENTS: Final = "conversionAdjustments"
METHODS: Final = {
    CONVERSIONS: "uploadClickConversions",
    ADJUSTMENTS: "uploadConversionAdjustments",
}


def body(deliveries: Sequence[Delivery], account: Account, action: str, *, now_ms: int) -> Json:
    """The body of a request with these deliveries, which are conversions or adjustments of one
    action; `partialFailure` has each stand for itself."""
    resource = f"customers/{account.account_id}/conversionActions/{action}"
    rows = [
        {"conversionAction": resource, **row(delivery, now_ms=now_ms)} for delivery in deliveries
    ]
    return {list_of(deliveries[0]): rows, "partialFailure": True}


def headers(account: Account) -> dict[str, str]:
    """Those that the Google Ads API alone wants."""
    found = {
        "login-customer-id": account.secret(accounts.LOGIN),
        "developer-token": account.secret(accounts.DEVELOPER),
    }
    return {name: value for name, value in found.items() if value}


def list_of(delivery: Delivery) -> str:
    """The list of a request that a delivery belongs to."""
    return CONVERSIONS if delivery.kind == "event" else ADJUSTMENTS


def row(delivery: Delivery, *, now_ms: int) -> Json:
    """One of a list; a future time is sent as now.

    Raises:
        Unsendable: if Google would refuse it.
    """
    at = _time(min(delivery.occurred_at, now_ms))
    return _conversion(delivery, at) if delivery.kind == "event" else _adjustment(delivery, at)


def _conversion(delivery: Delivery, at: str) -> Json:
    said.check(delivery)
    worth = said.money(delivery)
    people = compact(
        {"hashedEmail": said.email(delivery), "hashedPhoneNumber": said.phone(delivery)}
    )
    fields = compact(
        {
            **said.click(delivery),
            "conversionDateTime": at,
            "currencyCode": worth[1] if worth else None,
            "orderId": said.transaction(delivery),
            "userIdentifiers": [{name: one} for name, one in people.items()],
            "consent": said.stated({"adUserData": delivery.consent.ad_user_data}),
        }
    )
    if worth:
        fields["conversionValue"] = worth[0]
    return fields


def _adjustment(delivery: Delivery, at: str) -> Json:
    left = _worth_now(delivery)
    if not order_reference(delivery):
        raise Unsendable("an adjustment needs the id of its order")
    fields: Json = {
        "orderId": said.transaction(delivery),
        "adjustmentDateTime": at,
        "adjustmentType": "RETRACTION",
    }
    if left is None:
        return fields
    if not delivery.currency:
        raise Unsendable("a new value needs a currency")
    restated = {"adjustedValue": amount(left, delivery.currency), "currencyCode": delivery.currency}
    return {**fields, "adjustmentType": "RESTATEMENT", "restatementValue": restated}


def _worth_now(delivery: Delivery) -> int | None:
    """Minor units that the order is worth now; None after a cancel, which leaves no conversion."""
    if delivery.kind == "cancel":
        return None
    if delivery.kind != "adjust":
        raise Unsendable("Google is told what an order is worth now, not what was given back")
    if delivery.value is None:
        raise Unsendable("an adjust needs a value")
    return delivery.value


def _time(ms: int) -> str:
    """`yyyy-mm-dd hh:mm:ss+00:00`: a blank, whole seconds, and an offset with its colon."""
    return said.moment(ms).isoformat(sep=" ", timespec="seconds")
