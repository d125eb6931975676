"""Uploads of offline conversions: each row of each batch, and what every batch adds up to."""

from collections import Counter
from collections.abc import Collection

from tests.oracle import ids
from tests.oracle.log import Log, is_real
from tests.oracle.words import Json, Row

ROW_COLUMNS = (
    "tenant_id", "batch_id", "row_number", "content_hash", "conversion_id", "event_name",
    "platform", "upload_type", "is_duplicate", "is_matched", "created_at",
)  # fmt: skip
BATCH_COLUMNS = (
    "tenant_id", "id", "batch_name", "platform", "upload_type", "total_records",
    "successful_records", "failed_records", "duplicate_records", "match_rate_pct", "status",
    "created_at", "completed_at",
)  # fmt: skip


def rows(
    tenant: str, log: Log, *, matched: Collection[str], named: dict[str, str | None]
) -> list[Row]:
    """The rows of offline_conversions. `matched` has the conversions whose person has a touch,
    `named` what each conversion is called."""
    taken = [o for o in log["orders.v1"] if o["batch"] is not None and is_real(o)]
    received: dict[Row, int] = {}
    first: dict[Row, Row] = {}
    said: dict[Row, Json] = {}
    for order in taken:
        batch, at = order["batch"], order["received_at"]
        conversion = ids.conversion(tenant, order["source"], order["order_id"])
        content = (conversion, order["content_hash"])
        key = (batch["batch_id"], batch["row"], order["content_hash"], conversion)
        received[key] = min(at, received.get(key, at))
        place = (at, batch["batch_id"], batch["row"])
        first[content] = min(place, first.get(content, place))
        said[key] = batch
    return [
        (
            tenant, batch_id, row, content, conversion, named.get(conversion) or "Purchase",
            said[key]["platform"], said[key]["upload_type"],
            first[conversion, content][1:] != (batch_id, row), conversion in matched, at,
        )
        for key, at in received.items()
        for batch_id, row, content, conversion in [key]
    ]  # fmt: skip


def batches(tenant: str, log: Log, found: list[Row]) -> list[Row]:
    """The rows of offline_conversion_batches."""
    reports: dict[str, list[Json]] = {}
    for record in log["commands.v1"]:
        if record["body"]["kind"] == "offline_batch":
            reports.setdefault(record["body"]["batch_id"], []).append(record)
    columns = dict(zip(ROW_COLUMNS, range(len(ROW_COLUMNS)), strict=True))
    taken = Counter(row[columns["batch_id"]] for row in found)
    repeated = Counter(row[columns["batch_id"]] for row in found if row[columns["is_duplicate"]])
    matched = Counter(row[columns["batch_id"]] for row in found if row[columns["is_matched"]])
    made = []
    for batch_id, records in reports.items():
        body = max(
            records,
            key=lambda r: (r["body"]["status"] != "processing", r["issued_at"], r["command_id"]),
        )["body"]
        n = taken[batch_id]
        # Per cent with two digits, halves away from zero: a half has no further digits.
        rate = None if n == 0 else (matched[batch_id] * 20_000 + n) // (2 * n)
        made.append(
            (
                tenant, batch_id, body["batch_name"], body["platform"], body["upload_type"],
                max(body["total_records"], n + body["failed_records"]), n - repeated[batch_id],
                body["failed_records"], repeated[batch_id], rate, body["status"],
                min(r["body"]["created_at"] for r in records), body["completed_at"],
            )
        )  # fmt: skip
    return made
