"""Uploads of offline conversions: every form a file may have, and a clear answer to each fault."""

import asyncio
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from schemas.command import SetOfflineBatch
from schemas.order import Order
from tests.unit.gateway.asking import BROWSER, NOW, SERVER, Answer, Gateway

UPLOAD = "/api/v1/audit/offline-conversions/upload"
LIST = "/api/v1/audit/offline-conversions/batches"
CSV = {"content-type": "text/csv"}
FORM = {"content-type": "multipart/form-data; boundary=limit"}
HEAD = "order_id,occurred_at,value,currency,email\n"
ROWS = HEAD + "1,2026-09-01T10:00:00Z,10.00,EUR,a@example.com\n2,2026-09-02,5,USD,\n"


@pytest.fixture
def gateway(tmp_path: Path) -> Gateway:
    return Gateway(spool_dir=tmp_path)


def orders(gateway: Gateway) -> list[Order]:
    return gateway.outlet.records("orders.v1")


def reports(gateway: Gateway) -> list[SetOfflineBatch]:
    return [record.body for record in gateway.outlet.records("commands.v1")]


def form(file: bytes, *, after: bool = False, **fields: str) -> bytes:
    parts = [
        f'--limit\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    own = (
        b'--limit\r\nContent-Disposition: form-data; name="f"; filename="x.csv"\r\n'
        b"Content-Type: text/csv\r\n\r\n" + file + b"\r\n"
    )
    return b"".join([own, *parts] if after else [*parts, own]) + b"--limit--\r\n"


async def upload(gateway: Gateway, body: bytes | str, query: str = "", **headers: str) -> Answer:
    raw = body.encode() if isinstance(body, str) else body
    given = {name.replace("_", "-"): value for name, value in headers.items()} or CSV
    return await gateway.post(UPLOAD + query, raw, headers=given)


async def test_each_row_is_an_order_that_names_its_batch(gateway: Gateway) -> None:
    answer = await upload(gateway, ROWS, "?batch_id=b-1&batch_name=Till&platform=Google_Ads")

    assert answer.status == 200, answer.content
    first, second = orders(gateway)
    assert (first.source, first.order_id, first.gross, first.currency) == (
        "offline",
        "1",
        1000,
        "EUR",
    )
    assert first.identifiers.email_sha256
    assert first.user_data.sealed
    assert first.batch is not None
    assert second.batch is not None
    assert (first.batch.batch_id, first.batch.row, first.batch.platform) == ("b-1", 1, "google_ads")
    assert (second.batch.row, second.batch.upload_type) == (2, "conversions")
    said = answer.json
    assert (said["status"], said["total_records"], said["accepted"]) == ("completed", 2, 2)
    assert (said["batch_id"], said["batch_name"]) == ("b-1", "Till")
    assert said["receipt"]["topic"] == "commands.v1"


async def test_the_batch_is_on_the_log_before_and_after_its_rows(gateway: Gateway) -> None:
    await upload(gateway, ROWS + "3,never,1,EUR,\n", "?batch_id=b-1")

    topics = [row.raw.topic for row in gateway.outlet.rows]
    assert topics == ["commands.v1", "orders.v1", "orders.v1", "commands.v1"]
    begun, done = reports(gateway)
    assert (begun.status, begun.total_records, begun.completed_at) == ("processing", 0, None)
    assert (done.status, done.total_records, done.failed_records) == ("completed", 3, 1)
    assert (done.created_at, done.completed_at) == (NOW, NOW)


async def test_without_an_id_a_batch_is_named_by_content_and_name(gateway: Gateway) -> None:
    names = [
        (await upload(gateway, body, query)).json["batch_id"]
        for body, query in (
            (ROWS, ""), (ROWS, ""), (ROWS, "?batch_name=again"), (ROWS + "\n", ""),
        )
    ]  # fmt: skip
    assert names[0] == names[1]
    assert len(set(names)) == 3


async def test_the_same_row_has_the_same_ids_in_any_batch(gateway: Gateway) -> None:
    plain = "occurred_at,value,currency\n2026-09-01,10,EUR\n2026-09-01,10,EUR\n"
    await upload(gateway, plain, "?batch_id=a")
    await upload(gateway, plain, "?batch_id=b")

    found = orders(gateway)
    assert len({(o.order_id, o.content_hash, o.event_id) for o in found}) == 1
    assert [(o.batch.batch_id, o.batch.row) for o in found if o.batch] == [
        ("a", 1), ("a", 2), ("b", 1), ("b", 2),
    ]  # fmt: skip


async def test_every_column_lands_where_a_platform_looks_for_it(gateway: Gateway) -> None:
    head = "Conversion Time;Conversion Value;Currency Code;Google Click ID;Conversion Name;"
    head += "Phone Number;Hashed Email;First Name;Country;ad_user_data;Notes\n"
    row = f"2026-09-01 10:00:00 +0200;1.234,50;eur;Cj0K+x;StoreSale;+4915112345678;{'a' * 64};"
    answer = await upload(gateway, head + row + "Ada;DE;denied;x\n", "?upload_type=calls")

    (order,) = orders(gateway)
    assert answer.json["warnings"] == ["ignored columns: Notes"]
    assert (order.gross, order.currency, order.event_name) == (123450, "EUR", "StoreSale")
    assert order.ordered_at == 1_788_249_600_000
    assert order.marketing.gclid == "Cj0K+x"
    assert order.identifiers.phone_sha256
    assert order.identifiers.email_sha256 == "a" * 64
    assert {"em", "ph", "country"} <= order.user_data.hashed.keys()
    assert order.consent is not None
    assert order.consent.ad_user_data == "denied"
    assert order.batch is not None
    assert order.batch.upload_type == "calls"


async def test_a_currency_may_be_given_for_the_whole_upload(gateway: Gateway) -> None:
    answer = await upload(gateway, "occurred_at,value\n2026-09-01,10\n", "?currency=chf")
    assert (answer.status, orders(gateway)[0].currency) == (200, "CHF")


ITEMS = [
    {"order_id": 1, "occurred_at": "2026-09-01", "value": 10, "currency": "EUR"},
    {"order_id": "2", "ordered_at": 1_788_220_800, "revenue": "5.5", "currency": "EUR",
     "identifiers": {"email": "a@example.com"}, "user_data": {"city": "Köln"}},
]  # fmt: skip


@pytest.mark.parametrize(
    "body",
    [
        json.dumps(ITEMS),
        json.dumps({"batch_id": "b", "conversions": ITEMS}),
        "\n".join(map(json.dumps, ITEMS)),
        json.dumps(ITEMS, ensure_ascii=False).encode("utf-16"),
    ],
)
@pytest.mark.parametrize("kind", ["application/json", "application/x-ndjson", "text/csv"])
async def test_json_comes_in_any_shape(gateway: Gateway, body: str | bytes, kind: str) -> None:
    answer = await upload(gateway, body, content_type=kind)

    assert (answer.status, answer.json["accepted"]) == (200, 2), answer.content
    assert [(o.order_id, o.gross) for o in orders(gateway)] == [("1", 1000), ("2", 550)]
    assert orders(gateway)[1].identifiers.email_sha256


async def test_options_stand_beside_the_rows_or_too_late(gateway: Gateway) -> None:
    body = json.dumps({"batch_id": "b", "conversions": ITEMS, "platform": "meta"})
    answer = (await upload(gateway, body)).json

    assert (answer["batch_id"], answer["platform"]) == ("b", None)
    assert answer["warnings"] == ["after the rows, so not used: platform"]


@pytest.mark.parametrize("after", [False, True])
async def test_a_form_has_a_file_and_fields_in_any_order(gateway: Gateway, after: bool) -> None:
    body = form(ROWS.encode(), after=after, batch_name="März", platform="meta")
    answer = await gateway.post(UPLOAD, body, headers=FORM)

    assert (answer.status, answer.json["accepted"]) == (200, 2), answer.content
    assert (answer.json["batch_name"], answer.json["platform"]) == ("März", "meta")


async def test_gzip_is_undone_within_the_limit(tmp_path: Path) -> None:
    gateway = Gateway(spool_dir=tmp_path, upload_max_bytes=100_000)
    packed = {"content-encoding": "gzip"}

    good = await gateway.post(UPLOAD, gzip.compress(ROWS.encode()), headers={**CSV, **packed})
    inside = await gateway.post(
        UPLOAD, gzip.compress(form(ROWS.encode())), headers={**FORM, **packed}
    )
    bomb = await gateway.post(UPLOAD, gzip.compress(b" " * 10**7), headers={**CSV, **packed})
    cut = await gateway.post(UPLOAD, gzip.compress(ROWS.encode())[:-9], headers={**CSV, **packed})

    assert [a.status for a in (good, inside, bomb, cut)] == [200, 200, 413, 400]
    assert good.json["batch_id"] == inside.json["batch_id"]


BAD_ROWS = [
    ("1,,1,EUR", "ordered_at", "is required"),
    ("1,yesterday,1,EUR", "ordered_at", "is neither RFC 3339 nor epoch milliseconds"),
    ("1,1999-01-01,1,EUR", "ordered_at", "the date is before 2000"),
    ("1,2126-01-01,1,EUR", "ordered_at", "the date is more than 24 hours ahead"),
    ("1,2026-09-01,,EUR", "revenue", "is required"),
    ('1,2026-09-01,"1,234",EUR', "revenue", "is not an amount of money of at least 0"),
    ("1,2026-09-01,-1,EUR", "revenue", "is not an amount of money of at least 0"),
    ("1,2026-09-01,1,", "currency", "is required"),
    ("1,2026-09-01,1,EURO", "currency", "is not an ISO 4217 currency code"),
    ("null,2026-09-01,1,EUR", "order_id", "is required"),
    ("1\0,2026-09-01,1,EUR", "order_id", "has a NUL character"),
    ("x" * 300 + ",2026-09-01,1,EUR", "order_id", "is longer than 256 characters"),
    ("1,2026-09-01,1,EUR,b,c", "", "has 6 cells, the header has 4"),
    ('"1"2,2026-09-01,1,EUR', "", "',' expected after '\"'"),
]


@pytest.mark.parametrize(("row", "field", "error"), BAD_ROWS)
async def test_a_bad_row_is_told_by_line_and_field(
    gateway: Gateway, row: str, field: str, error: str
) -> None:
    text = f"order_id,occurred_at,value,currency\n9,2026-09-01,1,EUR\n{row}\n10,2026-09-01,1,EUR\n"
    answer = await upload(gateway, text)

    assert answer.status == 200
    assert answer.json["errors"] == [{"line": 3, "row": 2, "field": field, "error": error}]
    assert [o.order_id for o in orders(gateway)] == ["9", "10"]


async def test_a_value_that_was_lost_in_another_encoding_is_refused(gateway: Gateway) -> None:
    answer = await upload(gateway, ROWS.replace("a@", "\ufffd@"))
    assert answer.json["errors"][0]["field"] == "email"


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ("", "the file is empty"),
        ("\ufeff\n\n", "the file is empty"),
        ("a,b\n1,2\n", "the header has no column that we know"),
        ("order_id,email\n1,x\n", "no column occurred_at, no column value, no column currency"),
        ("PK\x03\x04", "export it as CSV"),
        (HEAD, "the file has no rows"),
        ('{"conversions": []}', "the file has no rows"),
    ],
)
async def test_a_file_that_cannot_have_a_good_row_makes_no_batch(
    gateway: Gateway, body: str, detail: str
) -> None:
    answer = await upload(gateway, body)

    assert (answer.status, answer.json["error"]) == (422, "unreadable")
    assert detail in answer.json["detail"]
    assert gateway.outlet.rows == []


async def test_with_every_row_bad_the_batch_has_failed(gateway: Gateway) -> None:
    bad = "".join(f"{n},never,1,EUR\n" for n in range(1, 3_001))
    answer = await upload(gateway, "order_id,occurred_at,value,currency\n" + bad)

    said = answer.json
    assert (answer.status, said["status"], said["failed_records"]) == (422, "failed", 3_000)
    assert len(said["errors"]) == 100
    assert said["reasons"] == {"ordered_at: is neither RFC 3339 nor epoch milliseconds": 3_000}
    assert [r.status for r in reports(gateway)] == ["processing", "failed"]


async def test_an_array_that_breaks_off_has_failed_with_what_was_taken(gateway: Gateway) -> None:
    answer = await upload(gateway, json.dumps(ITEMS)[:-1] + ', {"order_id": ')

    assert (answer.status, answer.json["status"], answer.json["accepted"]) == (422, "failed", 2)
    assert answer.json["detail"].startswith("line 1: is no JSON")


async def test_rows_beyond_the_limit_are_not_read(tmp_path: Path) -> None:
    gateway = Gateway(spool_dir=tmp_path, upload_max_rows=1)
    answer = await upload(gateway, ROWS)

    assert (answer.status, answer.json["status"], answer.json["accepted"]) == (422, "failed", 1)
    assert "more than 1 rows" in answer.json["detail"]


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        ("?currency=EURO", "currency is not an ISO 4217 currency code"),
        ("?batch_name=" + "x" * 200, "batch_name is longer than 128 characters"),
        ("?batch_id=%00", "batch_id has a NUL character"),
    ],
)
async def test_an_option_that_cannot_be_used_is_named(
    gateway: Gateway, query: str, detail: str
) -> None:
    answer = await upload(gateway, ROWS, query)
    assert (answer.status, answer.json["detail"]) == (422, detail)


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({"content-type": "image/png"}, b"x", 415),
        ({"content-type": "application/xml"}, b"x", 415),
        ({**CSV, "content-encoding": "br"}, b"x", 415),
        ({"content-type": "text/\udce9"}, b"x", 415),
        ({**CSV, "content-length": str(10**12)}, b"x", 413),
        ({**CSV, "content-encoding": "gzip"}, b"not gzip", 400),
        ({"content-type": "multipart/form-data"}, b"x", 400),
        (FORM, b"nonsense", 400),
        (FORM, form(b"x")[:-20], 400),
        (FORM, b"--limit--\r\n", 422),
        (FORM, form(form(b"x")[:-11]), 422),
    ],
)
async def test_what_is_no_file_is_refused(
    gateway: Gateway, headers: dict[str, str], body: bytes, status: int
) -> None:
    answer = await gateway.post(UPLOAD, body, headers=headers)
    assert answer.status == status, answer.content
    assert gateway.outlet.rows == []


async def test_only_a_server_key_opens_these_doors(gateway: Gateway) -> None:
    body = ROWS.encode()
    none = await gateway.post(UPLOAD, body, key=None, headers=CSV)
    browser = await gateway.post(UPLOAD, body, key=BROWSER, headers=CSV)
    listed = await gateway.get(LIST)
    by_browser = await gateway.ask("GET", LIST, b"", {"authorization": f"Bearer {BROWSER}"})
    nonsense = await gateway.ask(
        "GET", f"{LIST}?days=x", b"", {"authorization": f"Bearer {SERVER}"}
    )

    assert [a.status for a in (none, browser, listed, by_browser)] == [401, 403, 401, 403]
    assert (nonsense.status, nonsense.json["error"]) == (422, "bad_option")


async def test_the_body_may_be_larger_than_any_other_and_has_a_limit(tmp_path: Path) -> None:
    gateway = Gateway(spool_dir=tmp_path, max_batch_bytes=1_000, upload_max_bytes=50_000)
    long = HEAD + "".join(f"{n},2026-09-01,1,EUR,\n" for n in range(1, 1_501))

    assert (await upload(gateway, long)).json["accepted"] == 1_500
    assert (await upload(gateway, long * 2)).status == 413


async def test_a_body_that_stalls_or_leaves_has_done_nothing(tmp_path: Path) -> None:
    gateway = Gateway(spool_dir=tmp_path, body_timeout_seconds=0.05, max_uploads=1)
    headers = {"authorization": f"Bearer {SERVER}", **CSV}
    pieces: list[Any] = [{"type": "http.request", "body": ROWS.encode(), "more_body": True}]

    async def stalls() -> Any:
        return pieces.pop() if pieces else await asyncio.Event().wait()

    async def leaves() -> Any:
        return {"type": "http.disconnect"}

    assert (await gateway.converse("POST", UPLOAD, headers, stalls)).status == 408
    assert (await gateway.converse("POST", UPLOAD, headers, leaves)).status == 0
    assert gateway.outlet.rows == []
    assert (await upload(gateway, ROWS)).status == 200


async def test_uploads_beyond_a_few_wait_outside(tmp_path: Path) -> None:
    gateway = Gateway(spool_dir=tmp_path, max_uploads=1)
    headers = {"authorization": f"Bearer {SERVER}", **CSV}
    inside, go_on = asyncio.Event(), asyncio.Event()

    async def slow() -> Any:
        inside.set()
        await go_on.wait()
        return {"type": "http.request", "body": ROWS.encode(), "more_body": False}

    first = asyncio.ensure_future(gateway.converse("POST", UPLOAD, headers, slow))
    await inside.wait()
    second = await upload(gateway, ROWS)
    go_on.set()

    assert (second.status, second.headers["retry-after"]) == (503, "5")
    assert (await first).status == 200


async def test_with_kafka_away_uploads_leave_the_spool_to_events(gateway: Gateway) -> None:
    gateway.outlet.spooling = True
    answer = await upload(gateway, ROWS)
    assert (answer.status, gateway.outlet.rows) == (503, [])


async def test_rows_are_counted_by_outcome_and_the_columns_are_described(gateway: Gateway) -> None:
    await upload(gateway, ROWS + "3,never,1,EUR,\n")
    metrics = (await gateway.get("/metrics")).content.decode()
    described = (await gateway.get("/openapi.json")).json["paths"]

    assert 'attributary_upload_rows_total{outcome="accepted"} 2.0' in metrics
    assert 'attributary_upload_rows_total{outcome="refused"} 1.0' in metrics
    operation = described[UPLOAD]["post"]
    assert {"text/csv", "multipart/form-data"} <= operation["requestBody"]["content"].keys()
    assert "conversion_time" in operation["description"]
    assert described[LIST]["get"]["security"]
