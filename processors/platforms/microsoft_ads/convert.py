"""Deliveries as requests of Microsoft Advertising's offline conversions. Pure.

An event is a conversion of the goal that the tenant names for it. Microsoft finds the conversion
to adjust by its click or person, goal and time, so a retraction needs the time of its purchase: a
cancel retracts the conversion, and an adjust states the order's worth anew. Click ids go untouched,
and times as they are: one that changed from try to try would count twice.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

import orjson

from processors.platforms.base import Account, Request, Unsendable
from processors.platforms.microsoft_ads.settings import MicrosoftAdsSettings
from processors.platforms.payload import amount, compact
from schemas.delivery import Delivery
from schemas.envelope import Json

CONVERSIONS: Final = "OfflineConversions"
ADJUSTMENTS: Final = "OfflineConversionAdjustments"


def operation(delivery: Delivery) -> str:
    """The list that it is sent in, and the resource that takes it."""
    return CONVERSIONS if delivery.kind == "event" else ADJUSTMENTS


def refusal(delivery: Delivery) -> str | None:
    """Why Microsoft would never take it, or None."""
    try:
        item(delivery, goal="", enhanced=True, now_ms=delivery.occurred_at)
    except Unsendable as error:
        return str(error)
    return None


def request(
    deliveries: Sequence[Delivery],
    account: Account,
    *,
    goals: Mapping[str, str],
    enhanced: bool,
    token: str,
    settings: MicrosoftAdsSettings,
    now_ms: int,
) -> Request:
    """One request with these deliveries, all of one operation and each with a goal."""
    name = operation(deliveries[0])
    items = [
        item(delivery, goal=goals[delivery.event_name], enhanced=enhanced, now_ms=now_ms)
        for delivery in deliveries
    ]
    return Request(
        url=f"{settings.base_url.rstrip('/')}/CampaignManagement/{settings.version}/{name}/Apply",
        body=orjson.dumps({name: items}),
        headers={
            "authorization": f"Bearer {token}",
            "developertoken": account.secret("developer_token"),
            "customerid": account.secret("customer_id"),
            "customeraccountid": account.account_id,
        },
    )


def item(delivery: Delivery, *, goal: str, enhanced: bool, now_ms: int) -> Json:
    """A conversion or an adjustment.

    Raises:
        Unsendable: if Microsoft would refuse it.
    """
    if not delivery.event_name:
        raise Unsendable("no event name")
    if delivery.kind == "refund":
        raise Unsendable("Microsoft is told what is left of an order, not what was given back")
    known = person(delivery, enhanced=enhanced)
    if not known:
        raise Unsendable("nothing to match anybody by")
    fields: Json = {
        **known,
        "ConversionName": goal,
        "ConversionTime": _time(_converted_at(delivery)),
    }
    if delivery.kind == "event":
        return fields | _worth(delivery, "ConversionValue", "ConversionCurrencyCode")
    fields["AdjustmentTime"] = _time(max(now_ms, delivery.occurred_at))
    if delivery.kind == "adjust":
        worth = _worth(delivery, "AdjustmentValue", "AdjustmentCurrencyCode")
        if not worth:
            raise Unsendable("an adjust needs a value and a currency")
        return fields | worth | {"AdjustmentType": "Restate"}
    return fields | {"AdjustmentType": "Retract"}


def person(delivery: Delivery, *, enhanced: bool) -> Json:
    """The click, and the hashes where enhanced conversions are on. Where Microsoft's form of an
    email differs from the plain one the gateway has made it, too; a hash that came from outside is
    taken as it is. The join key of a phone lacks the plus and says nothing there."""
    hashed = delivery.user_data.hashed
    email = hashed.get("em_microsoft") or hashed.get("em") or delivery.identifiers.email_sha256
    return compact(
        {
            "MicrosoftClickId": delivery.marketing.msclkid,
            "HashedEmailAddress": email if enhanced else None,
            "HashedPhoneNumber": hashed.get("ph_plus") if enhanced else None,
        }
    )


def _converted_at(delivery: Delivery) -> int:
    """When the conversion was, which of a retraction is not its own time."""
    if delivery.kind == "event":
        return delivery.occurred_at
    if delivery.converted_at is None:
        raise Unsendable("Microsoft finds a conversion by its time, and its purchase has none")
    return delivery.converted_at


def _worth(delivery: Delivery, value: str, currency: str) -> Json:
    """Both, or none: then the goal's own value stands in."""
    if delivery.value is None or not delivery.currency:
        return {}
    return {value: amount(delivery.value, delivery.currency), currency: delivery.currency}


def _time(at_ms: int) -> str:
    moment = datetime.fromtimestamp(at_ms / 1000, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at_ms % 1000:03}Z"
