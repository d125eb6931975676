"""Deliveries as a request of one of Google's two APIs. Pure."""

from collections.abc import Sequence

import orjson

from processors.domain.events import StandardEvent
from processors.platforms.base import Account, Request, Unsendable
from processors.platforms.google_ads import accounts, ingest, uploads
from processors.platforms.google_ads.settings import GoogleAdsSettings
from schemas.delivery import Delivery


def refusal(delivery: Delivery) -> str | None:
    """Why Google would never take it, or None; both APIs want the same of a conversion."""
    try:
        uploads.row(delivery, now_ms=delivery.occurred_at)
    except Unsendable as error:
        return str(error)
    return None


def counts_for(delivery: Delivery) -> str:
    """The event whose conversion action a delivery is about; orders alone are ever adjusted."""
    return delivery.event_name if delivery.kind == "event" else StandardEvent.PURCHASE


def is_ingested(deliveries: Sequence[Delivery], account: Account) -> bool:
    """Whether the Data Manager API takes them."""
    return deliveries[0].kind == "event" and accounts.api_of(account) == "data_manager"


def request(
    deliveries: Sequence[Delivery],
    account: Account,
    *,
    action: str,
    settings: GoogleAdsSettings,
    now_ms: int,
) -> Request:
    """One request with these deliveries, which count for one conversion action and are all
    conversions or all adjustments; it lacks the access token."""
    if is_ingested(deliveries, account):
        url = f"{settings.data_manager}/events:ingest"
        body = ingest.body(deliveries, account, action, now_ms=now_ms)
        headers = {}
    else:
        method = uploads.METHODS[uploads.list_of(deliveries[0])]
        url = f"{settings.uploads}/customers/{account.account_id}:{method}"
        body = uploads.body(deliveries, account, action, now_ms=now_ms)
        headers = uploads.headers(account)
    if settings.validate_only:
        body["validateOnly"] = True
    return Request(url=url, body=orjson.dumps(body), headers=headers)
