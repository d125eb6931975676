"""Files of history as the gateway would be given them: kinds, columns, Shopify's export, faults."""

import csv
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner

from processors.__main__ import app
from processors.commands.importing import Plan, Result, run
from processors.commands.importing.checkpoint import Checkpoint, beside, load, save
from processors.commands.importing.source import source
from processors.commands.operator import Refused

TOUCHES = (
    "Visitor ID;Timestamp;Landing Page;utm_source;Email;ad_storage;Notes\n"
    "v1;2026-01-02 10:00:00 +0100;https://shop.example.com/;google;a@example.com;granted;x\n"
)
ORDERS = 'order_id,date,total,currency,status,coupon\n1,2026-01-02,"1,049.90",EUR,paid,A;B\n'
EXPORT = """Name,Email,Financial Status,Paid at,Currency,Total,Discount Code,Created at,\
Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Billing Name,\
Billing Zip,Billing Country,Note Attributes,Cancelled at,Refunded Amount,Id
#1001,a@example.com,paid,2024-01-15 10:30:05 -0500,EUR,49.90,SAVE10,2024-01-15 10:30:00 -0500,2,\
Shirt,20.00,SH-1,Ada Maria Lovelace,'01234,DE,"_visitor_id: v-7
utm_source: mail",,5.00,5001
#1001,a@example.com,,,,,,,1,Hat,9.90,HA-1,,,,,,,
#1002,b@example.com,refunded,,EUR,10,,2024-01-16 10:30:00 -0500,1,Hat,10,HA-1,,,,,\
2024-01-18 10:30:00 -0500,10.00,5002
#1003,c@example.com,,,,,,,1,Hat,10,HA-1,,,,,,,
"""


def written(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def items(path: Path, kind: str = "auto") -> tuple[str, list[Any]]:
    found = source(path, kind)
    try:
        return found.kind, [row.item or row.error for row in found.rows]
    finally:
        found.close()


def test_touches_are_known_by_their_columns(tmp_path: Path) -> None:
    kind, (touch,) = items(written(tmp_path, "t.csv", TOUCHES))
    assert kind == "touches"
    assert touch == {
        "visitor_id": "v1",
        "occurred_at": "2026-01-02 10:00:00+0100",
        "url": "https://shop.example.com/",
        "utm_source": "google",
        "identifiers": {"email": "a@example.com"},
        "consent": {"ad_storage": "granted"},
    }


def test_orders_are_known_by_their_columns(tmp_path: Path) -> None:
    kind, (order,) = items(written(tmp_path, "o.csv", ORDERS.encode("utf-16")))
    assert kind == "orders"
    assert (order["revenue"], order["ordered_at"]) == ("1049.90", "2026-01-02")
    assert order["discount_codes"] == ["A", "B"]


def test_exports_of_ad_platforms_are_known_by_what_was_spent(tmp_path: Path) -> None:
    export = (
        "Day;Campaign name;Campaign ID;Ad set name;Ad ID;Amount spent (EUR);Impressions;Delivery\n"
        "2026/01/05;Spring;17;Dogs;1700;1.049,90;12,000;active\n"
    )
    found = source(written(tmp_path, "m.csv", export), "auto", {"platform": "Meta"})
    (row,) = found.rows
    found.close()
    assert (found.kind, row.item) == ("spend", {
        "date": "2026-01-05", "campaign": "Spring", "campaign_id": "17", "ad_group": "Dogs",
        "ad_id": "1700", "amount": "1049.90", "currency": "EUR", "impressions": "12000",
        "platform": "Meta", "source": "meta",
    })  # fmt: skip
    google = (
        "segments.date,campaign.name,metrics.cost_micros,currency_code\n2026-01-05,a,1500000,USD\n"
    )
    found = source(written(tmp_path, "g.csv", google), "spend", {"platform": "google"})
    (row,) = found.rows
    found.close()
    assert row.item["amount"] == "1.5"
    owed = (
        "Date,Publisher ID,Publisher,Commission,Sale amount,Currency\n2026-01-05,9,Deals,4,50,EUR\n"
    )
    found = source(written(tmp_path, "a.csv", owed), "auto", {"platform": "affiliate"})
    (row,) = found.rows
    found.close()
    assert (found.kind, row.item) == ("spend", {
        "date": "2026-01-05", "campaign_id": "9", "campaign": "Deals", "amount": "4",
        "conversion_value": "50", "currency": "EUR", "platform": "affiliate", "source": "affiliate",
    })  # fmt: skip
    single = owed.replace("Publisher ID", "Transaction ID")
    with pytest.raises(Refused, match=r"not of single sales \(transaction_id\)"):
        items(written(tmp_path, "t.csv", single), "spend")
    with pytest.raises(Refused, match="for spend the file has no column platform"):
        items(written(tmp_path, "m.csv", export), "spend")


@pytest.mark.parametrize("shape", ["lines", "array"])
def test_json_is_passed_on_as_the_gateway_takes_it(tmp_path: Path, shape: str) -> None:
    rows = [
        {"order_id": 1, "ordered_at": 1_767_348_000_000, "revenue": 5, "currency": "EUR",
         "identifiers": {"customer_id": 7}, "line_items": [{"sku": "a", "quantity": 2}]},
    ]  # fmt: skip
    text = "\n".join(map(json.dumps, rows)) if shape == "lines" else json.dumps(rows)
    assert items(written(tmp_path, "o.jsonl", text)) == ("orders", rows)


def test_parquet_has_types_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "o.parquet"
    duckdb.connect().execute(
        "COPY (SELECT 'o' || i AS order_id, TIMESTAMPTZ '2026-01-02 10:00:00+01' AS ordered_at,"
        " 12.5::decimal(9, 2) AS revenue, 'EUR' AS currency, NULL AS visitor_id,"
        " {'customer_id': i} AS identifiers FROM range(2500) t(i))"
        f" TO '{path}'"
    )
    kind, found = items(path)
    assert (kind, len(found)) == ("orders", 2_500)
    assert found[-1] == {
        "order_id": "o2499", "ordered_at": "2026-01-02T09:00:00+00:00", "revenue": "12.50",
        "currency": "EUR", "identifiers": {"customer_id": 2499},
    }  # fmt: skip


def test_an_export_of_shopify_is_put_together_to_orders(tmp_path: Path) -> None:
    kind, (first, second, third) = items(written(tmp_path, "orders_export.csv", EXPORT))
    assert kind == "orders"
    assert first == {
        "visitor_id": "v-7",
        "utm_source": "mail",
        "source": "shopify",
        "order_id": "5001",
        "ordered_at": "2024-01-15 10:30:00-0500",
        "updated_at": "2024-01-15 10:30:05-0500",
        "revenue": "49.90",
        "currency": "EUR",
        "status": "paid",
        "line_items": [
            {"product_id": "SH-1", "sku": "SH-1", "title": "Shirt", "quantity": "2",
             "price": "20.00"},
            {"product_id": "HA-1", "sku": "HA-1", "title": "Hat", "quantity": "1",
             "price": "9.90"},
        ],
        "user_data": {
            "email": "a@example.com", "first_name": "Ada Maria", "last_name": "Lovelace",
            "zip": "01234", "country": "DE",
        },
        "refunded_amount": "5.00",
        "discount_codes": ["SAVE10"],
    }  # fmt: skip
    assert (second["order_id"], second["status"]) == ("5002", "cancelled")
    assert second["updated_at"] == "2024-01-18 10:30:00-0500"
    assert third == "the line of the order itself, which has its Total, is missing"


@pytest.mark.parametrize(
    ("name", "content", "kind", "told"),
    [
        ("x.csv", "", "auto", "the file is empty"),
        ("x.csv", "a,b\n1,2\n", "auto", "the header has no column that we know"),
        ("x.csv", "visitor_id,url\n1,2\n", "auto", "neither orders"),
        ("x.csv", ORDERS, "touches", ""),
        ("x.csv", TOUCHES, "orders", "no column order_id, no column revenue"),
        ("x.xlsx", "PK\x03\x04", "auto", "export it as CSV"),
        ("x.parquet", "nonsense", "auto", "x.parquet"),
    ],
)
def test_a_file_that_cannot_be_imported_is_refused_whole(
    tmp_path: Path, name: str, content: str, kind: str, told: str
) -> None:
    path = written(tmp_path, name, content)
    if not told:
        assert items(path, kind)[0] == kind
        return
    with pytest.raises(Refused, match=told):
        items(path, kind)


async def tried(path: Path) -> Result:
    plan = Plan(path=path, kind="auto", gateway="", key="", dry_run=True)
    return await run(plan, lambda _done, _size: None)


async def test_a_dry_run_tells_what_the_gateway_would_refuse_and_sends_nothing(
    tmp_path: Path,
) -> None:
    now = datetime.now(UTC).isoformat()
    path = written(
        tmp_path, "t.csv",
        f"visitor_id,occurred_at\nv1,{now}\n,{now}\nv2,never\nv3,\nnull,{now}\nv4,{now}\n",
    )  # fmt: skip
    result = await tried(path)

    assert (result.rows, result.accepted, result.rejected) == (6, 2, 4)
    with (tmp_path / "t.csv.errors.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [(row["line"], row["field"], row["error"]) for row in rows] == [
        ("3", "visitor_id", "or an id in identifiers is needed"),
        ("4", "occurred_at", "is neither RFC 3339 nor epoch milliseconds"),
        ("5", "", "occurred_at is required"),
        ("6", "visitor_id", "or an id in identifiers is needed"),
    ]


async def test_a_file_that_breaks_off_is_told(tmp_path: Path) -> None:
    result = await tried(
        written(tmp_path, "o.json", '[{"visitor_id": "v", "occurred_at": 1767348000}, {"')
    )
    assert (result.accepted, result.complete) == (1, False)
    assert result.stopped.startswith("line 1: is no JSON")


def test_a_checkpoint_fits_only_its_file_and_its_target(tmp_path: Path) -> None:
    path = written(tmp_path, "t.csv", TOUCHES)
    fresh = load(path, target="a")
    assert fresh.row == 0
    save(path, Checkpoint(fresh.content, "a", row=7, accepted=6, rejected=1))

    assert load(path, target="a").row == 7
    assert load(path, target="b").row == 0
    path.write_text(TOUCHES + "v2;2026-01-03;;;;;\n")
    assert load(path, target="a").row == 0
    beside(path).write_text("no JSON")
    assert load(path, target="a").row == 0


def test_the_command_describes_its_columns_and_tells_by_its_exit_code(tmp_path: Path) -> None:
    runner = CliRunner()
    told = runner.invoke(app, ["import", "--help"])
    assert all(name in told.output for name in ("occurred_at", "order_id", "Shopify", "--dry-run"))

    good = written(tmp_path, "o.csv", ORDERS)
    done = runner.invoke(app, ["import", str(good), "--dry-run", "--json"])
    assert (done.exit_code, json.loads(done.output)["accepted"]) == (0, 1)
    spend = written(tmp_path, "s.csv", "date,cost,campaign\n2026-01-05,3.50,a\n2026-01-06,x,a\n")
    asked = ["import", str(spend), "--dry-run", "--json", "--platform", "google"]
    told = json.loads(runner.invoke(app, [*asked, "--currency", "USD"]).output)
    assert (told["kind"], told["accepted"], told["rejected"]) == ("spend", 1, 1)
    bad = written(tmp_path, "b.csv", ORDERS + "2,never,1,EUR,paid,\n")
    assert runner.invoke(app, ["import", str(bad), "--dry-run"]).exit_code == 1
    with pytest.raises(Refused, match=r"GATEWAY_URL|ATTRIBUTARY_API_KEY"):
        runner.invoke(app, ["import", str(good)], env={"GATEWAY_URL": ""}, catch_exceptions=False)
