"""`POST /api/v1/audit/offline-conversions/upload`: sales of tills, telephones and chats, as files.

The batch that a row came in is named in its record, so that the upload can be judged later; the
list of batches is `GET /api/v1/audit/offline-conversions/batches`.
"""

from typing import Any, Final

from processors.gateway.canonical import canonical, content_hash
from processors.gateway.door import Accepted, Door
from processors.gateway.registry import handler
from processors.gateway.routes.orders import order

SOURCE: Final = "offline"


@handler(
    "/api/v1/audit/offline-conversions/upload",
    server_only=True,
    upload=True,
    wrappers=("conversions", "batch", "rows"),
)
def offline(item: dict[str, Any], door: Door) -> Accepted:
    """Upload offline conversions: a CSV or JSON file of up to a million rows.

    The body is the file (text/csv; a JSON array, {"conversions": [...]} or JSON lines), or a form
    (multipart/form-data) with one file. gzip is undone; any usual encoding and delimiter will do.
    In the query, as form fields, or in front of the rows of a JSON object: `batch_id`,
    `batch_name`, `platform` (the destination that it is meant for, such as google_ads),
    `upload_type` (conversions by default), `currency` (of rows that name none).

    Columns, in any order, other names of the same thing in brackets:
    `occurred_at` (ordered_at, conversion_time, event_time, date), required: RFC 3339, UTC when it
    has no offset, or epoch seconds or milliseconds;
    `value` (revenue, conversion_value, amount), required: gross, at least 0;
    `currency` (currency_code), required unless given for the whole upload: ISO 4217;
    `order_id` (transaction_id): without it a hash of what the row says;
    `event_name` (conversion_name): Purchase without it;
    `status` (paid by default, pending, partially_refunded, refunded, cancelled, charged_back),
    `refunded_amount` (cumulative), `updated_at` (of two rows of one order the later stands);
    `email`, `phone` (clear, with its country code): hashed and sealed on arrival;
    `email_sha256` (hashed_email), `phone_sha256` (hashed_phone_number): 64 hex digits;
    `customer_id`, `external_id`, `device_id`, `visitor_id`, `session_id`, `ga4_client_id`, `fbp`,
    `fbc`, `ttp`, `scid`;
    `gclid`, `gbraid`, `wbraid`, `fbclid`, `ttclid`, `msclkid`, `sccid`, `epik`, `li_fat_id`,
    `utm_source`, `utm_medium`, `utm_campaign`, `utm_term`, `utm_content`, `ref`, `creator`;
    `first_name`, `last_name`, `city`, `state`, `zip`, `country`;
    `ad_storage`, `ad_user_data`, `ad_personalization`, `analytics_storage`: granted or denied.

    Each row becomes an order of the source `offline`. The same upload sent again, under its
    `batch_id` or with the same content and name, changes nothing: one that was cut short is sent
    again whole. The answer has the counts, and the first errors with their lines; duplicates and
    the match rate are in the list of batches.
    """
    own = {**item, "source": SOURCE}
    if item.get("order_id") is None:
        own["order_id"] = content_hash(own, canonical(own))
    return order(own, door)
