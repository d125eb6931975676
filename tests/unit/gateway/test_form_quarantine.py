"""What a door with a form of its own cannot read is kept as a plain door's is."""

import gzip
from base64 import b64decode, b64encode
from typing import Any

import orjson
import pytest

from tests.unit.gateway.asking import BROWSER, MEASUREMENT, Gateway
from tests.unit.gateway.test_quarantine import kept
from tests.unit.gateway.vendors import page, post

BEACON = f"/v1/beacon?key={BROWSER}"
GA4 = f"/g/collect?v=2&tid={MEASUREMENT}"
BASIC = {"authorization": "Basic " + b64encode(f"{BROWSER}:".encode()).decode()}
BROKEN = gzip.compress(b'{"batch":[]}', mtime=0)[:-6]
MANY = b"&".join(b"f%d=1" % n for n in range(1_001))
FORM = {"content-type": "application/x-www-form-urlencoded"}
ZIPPED = {"content-encoding": "gzip"}


@pytest.mark.parametrize(
    ("path", "body", "headers", "kind"),
    [
        (BEACON, b"{", {}, "json"),
        (BEACON, b"[]", {}, "shape"),
        (BEACON, MANY, FORM, "shape"),
        (BEACON, BROKEN, ZIPPED, "encoding"),
        (GA4, MANY, {}, "shape"),
        (GA4, b"en=a\n" * 1_001, {}, "size"),
        (GA4, BROKEN, ZIPPED, "encoding"),
        ("/v1/track", b"{", BASIC, "json"),
        ("/v1/identify", b"5", BASIC, "shape"),
        ("/v1/batch", b'{"batch":[]}', BASIC, "shape"),
        ("/v1/batch", orjson.dumps({"writeKey": BROWSER, "batch": []}), {}, "shape"),
        ("/v1/batch", BROKEN, {**BASIC, **ZIPPED}, "encoding"),
    ],
)
async def test_a_body_that_cannot_be_read_is_kept_whole(
    path: str, body: bytes, headers: dict[str, str], kind: str
) -> None:
    gateway = Gateway()

    answer = await gateway.post(path, body, key=None, headers=headers)

    assert answer.status in (400, 413)
    (item,) = await kept(gateway)
    assert (item.route, item.kind, item.index) == (path.partition("?")[0], kind, None)
    assert (item.tenant_id, item.key_kind, item.preview) == ("demo", "browser", None)
    assert b64decode(gateway.sealer.open("demo", item.sealed)["body"]) == body


async def test_a_body_that_is_too_long_to_be_read_is_told_of() -> None:
    gateway = Gateway()
    long = {"content-length": "99999999"}

    for path, headers in ((BEACON, {}), (GA4, {}), ("/v1/batch", BASIC)):
        answer = await gateway.post(path, b"", key=None, headers={**headers, **long})
        assert answer.status == 413

    assert [(item.kind, item.sealed) for item in await kept(gateway)] == [("size", None)] * 3


async def test_what_belongs_to_a_body_is_kept_with_it_but_for_the_key() -> None:
    gateway = Gateway()

    await gateway.post(
        f"/v1/batch?writeKey={BROWSER}&key={BROWSER}&a=%C3%A9", b"{", key=None,
        headers={"content-type": "text/plain", "anonymousid": "YQ=="},
    )  # fmt: skip

    (item,) = await kept(gateway)
    sealed = gateway.sealer.open("demo", item.sealed)
    assert sealed.pop("arrival")
    assert sealed == {
        "body": b64encode(b"{").decode(), "query": "a=%C3%A9", "content-type": "text/plain",
        "anonymousid": "YQ==",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/batch", b'{"writeKey":'),
        ("/v1/beacon?key=unknown", b"{"),
        ("/g/collect?tid=G-UNKNOWN", b"a\n" * 1_001),
        (f"{BEACON}&dry_run=1", b"{"),
    ],
)
async def test_strangers_and_rehearsals_leave_nothing(path: str, body: bytes) -> None:
    gateway = Gateway()

    assert (await gateway.post(path, body, key=None)).status in (400, 401, 413)

    assert gateway.kept.rows == []


async def test_a_webhook_is_kept_as_one_that_its_sender_repeats() -> None:
    gateway = Gateway(max_batch_items=1)
    body: dict[str, Any] = page()
    body["entry"] *= 2

    assert (await post(gateway, "/webhooks/meta", body)).status == 413

    (item,) = await kept(gateway)
    assert (item.kind, item.key_kind) == ("size", "webhook")


async def test_of_events_that_are_only_looked_at_nothing_is_kept() -> None:
    gateway = Gateway()
    analyze = "/api/v1/capi/quality/analyze"

    answer = await gateway.post(analyze, b'[{"event_name":"Lead","event_name":"Lead"},{}]')
    await gateway.post(analyze, b"{")

    twice = {"index": 0, "field": "event_name", "error": "is there twice"}
    assert answer.json["rejected"] == [twice]
    assert gateway.kept.rows == []
