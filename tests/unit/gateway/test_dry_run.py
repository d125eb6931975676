"""A dry run answers as the real door does, and nothing is produced."""

import hashlib
from pathlib import Path

import orjson
import pytest

from processors.gateway.keys import Key, Rules
from tests.unit.gateway.asking import SHOP, Gateway
from tests.unit.gateway.shop import order_webhook, signature

ITEMS = [{"visitor_id": "v1", "event_id": "a"}, {"visitor_id": ""}]
CSV = b"order_id,occurred_at,value,currency\n1,2026-09-01,5,EUR\n2,never,5,EUR\n"
UPLOAD = "/api/v1/audit/offline-conversions/upload"


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/v1/touchpoints?dry_run=1", {}),
        ("/v1/touchpoints?dry_run", {}),
        ("/v1/touchpoints?dry_run=sure", {}),
        ("/v1/touchpoints", {"X-Dry-Run": "1"}),
        ("/v1/touchpoints", {"X-Dry-Run": "true"}),
    ],
)
async def test_everything_is_checked_and_nothing_taken(path: str, headers: dict[str, str]) -> None:
    gateway = Gateway()
    rehearsed = await gateway.post(path, ITEMS, headers=headers)
    assert gateway.outlet.rows == []
    real = await gateway.post("/v1/touchpoints", ITEMS)

    receipt = {**real.json["receipts"][0], "partition": None, "offset": None}
    assert rehearsed.status == real.status == 200
    assert rehearsed.json == {**real.json, "receipts": [receipt], "dry_run": True}


@pytest.mark.parametrize("said", ["0", "false", "No"])
async def test_a_no_is_no_dry_run(said: str) -> None:
    gateway = Gateway()

    answer = await gateway.post("/v1/touchpoints", ITEMS, headers={"X-Dry-Run": said})
    other = await gateway.post(f"/v1/touchpoints?dry_run={said}", ITEMS)

    assert "dry_run" not in answer.json
    assert "dry_run" not in other.json
    assert len(gateway.outlet.rows) == 2


async def test_a_key_may_be_for_rehearsals_alone() -> None:
    gateway = Gateway()
    digest = hashlib.sha256(b"mine").hexdigest()
    gateway.directory.snapshot.keys[digest] = Key("demo", True, rules=Rules(dry_run=True))

    answer = await gateway.post("/v1/touchpoints?dry_run=0", ITEMS, key="mine")

    assert (answer.status, answer.json["dry_run"]) == (200, True)
    assert gateway.outlet.rows == []


async def test_what_would_be_refused_is_refused_in_a_dry_run() -> None:
    gateway = Gateway()

    assert (await gateway.post("/v1/touchpoints?dry_run=1", {"visitor_id": ""})).status == 422
    assert (await gateway.post("/v1/touchpoints?dry_run=1", b"{")).status == 400
    assert (await gateway.post("/v1/touchpoints?dry_run=1", ITEMS, key="none")).status == 401


async def test_an_upload_and_a_webhook_can_be_rehearsed(tmp_path: Path) -> None:
    gateway = Gateway(spool_dir=tmp_path)
    body = orjson.dumps(order_webhook())
    headers = {
        "x-shopify-shop-domain": SHOP,
        "x-shopify-topic": "orders/paid",
        "x-shopify-hmac-sha256": signature(body),
    }

    upload = await gateway.post(f"{UPLOAD}?dry_run=1", CSV, headers={"content-type": "text/csv"})
    webhook = await gateway.post(
        "/api/webhooks/shopify/orders/paid?dry_run=1", body, key=None, headers=headers
    )

    assert (upload.status, upload.json["dry_run"]) == (200, True)
    assert (upload.json["accepted"], upload.json["failed_records"]) == (1, 1)
    assert (webhook.status, webhook.json["dry_run"]) == (200, True)
    assert gateway.outlet.rows == []
    assert b"attributary_uploads_total{" not in (await gateway.get("/metrics")).content
