"""Who may send webhooks of Meta, WhatsApp and TikTok: signatures, replays and handshakes."""

import orjson
import pytest

from processors.gateway.directory import Snapshot, Source
from tests.unit.gateway.asking import ACCOUNTS, NOW, OLD_SECRET, SECRET, VERIFY_TOKEN, Gateway
from tests.unit.gateway.vendors import (
    SIGNERS,
    chat,
    message,
    meta_headers,
    page,
    post,
    tiktok,
    tiktok_headers,
)

BODIES = {
    "/webhooks/meta": page(),
    "/webhooks/whatsapp": chat(messages=[message()]),
    "/webhooks/tiktok": tiktok(),
}
SENDERS = {"/webhooks/meta": "meta", "/webhooks/whatsapp": "whatsapp", "/webhooks/tiktok": "tiktok"}
every_door = pytest.mark.parametrize("path", list(BODIES))


@every_door
async def test_what_is_signed_is_taken_for_the_tenant_of_the_account(path: str) -> None:
    gateway = Gateway()

    answer = await post(gateway, path, BODIES[path])
    events = gateway.outlet.records("pixel_events.v1")

    assert answer.status == 200
    assert answer.json["accepted"] >= 1
    assert [(event.tenant_id, event.source) for event in events] == [("demo", "webhook")]


@every_door
async def test_another_secret_another_body_and_no_signature_are_strangers(path: str) -> None:
    gateway = Gateway()
    raw = orjson.dumps(BODIES[path])
    good = SIGNERS[path](raw)
    name = next(name for name in good if "signature" in name.lower())

    answers = [
        await post(gateway, path, raw, secret=b"another secret"),
        await post(gateway, path, raw, secret=b""),
        await gateway.post(path, raw + b" ", key=None, headers=good),
        await gateway.post(path, raw, key=None),
        await gateway.post(path, raw, key="a-server-key"),
        *[
            await gateway.post(path, raw, key=None, headers={**good, name: bad})
            for bad in ("", "sha256=", "sha1=00", "t=,s=", "t=1", "s=00", "é,=", good[name][:-1])
        ],
    ]

    assert {answer.status for answer in answers} == {401}
    assert gateway.outlet.rows == []


@every_door
@pytest.mark.parametrize("raw", [b"", b"not json", b'{"a":', b"[1]", b"null", b'"text"', b"\xff"])
async def test_junk_is_a_clear_refusal(path: str, raw: bytes) -> None:
    answer = await post(Gateway(), path, raw)

    assert answer.status == 400
    assert answer.json["error"] in ("bad_json", "bad_shape")


@every_door
async def test_an_account_without_a_secret_takes_nothing(path: str) -> None:
    gateway = Gateway()
    sender = SENDERS[path]
    gateway.directory.snapshot.sources[sender, ACCOUNTS[sender]] = Source("demo", b"", None, None)

    assert (await post(gateway, path, BODIES[path], secret=b"")).status == 401


@every_door
async def test_the_old_secret_signs_for_an_hour(path: str) -> None:
    gateway = Gateway()
    sender = SENDERS[path]
    gateway.directory.snapshot.sources[sender, ACCOUNTS[sender]] = Source(
        "demo", SECRET, OLD_SECRET, NOW - 60_000
    )

    assert (await post(gateway, path, BODIES[path], secret=OLD_SECRET)).status == 200


@every_door
async def test_the_same_delivery_twice_is_the_same_records(path: str) -> None:
    gateway = Gateway()

    for _ in range(2):
        await post(gateway, path, BODIES[path])
    ids = [(row.raw.topic, row.event_id) for row in gateway.outlet.rows]

    half = len(ids) // 2
    assert ids[:half] == ids[half:]


@every_door
async def test_before_the_keys_are_loaded_a_webhook_is_asked_to_come_again(path: str) -> None:
    gateway = Gateway()
    gateway.directory.loaded = False
    gateway.directory.snapshot = Snapshot()

    answer = await post(gateway, path, BODIES[path])

    assert (answer.status, answer.headers["retry-after"]) == (503, "1")


@pytest.mark.parametrize("off", [-301, 301, 86_400])
async def test_a_tiktok_signature_that_is_not_of_now_is_a_replay(off: int) -> None:
    gateway = Gateway()

    answer = await post(gateway, "/webhooks/tiktok", tiktok(), at=NOW // 1000 + off)

    assert answer.status == 401
    assert gateway.outlet.rows == []


@pytest.mark.parametrize("at", ["", "x", "1e9", "-5", "9" * 40, "1,s=0"])
async def test_a_tiktok_time_that_is_none_is_no_error_of_ours(at: str) -> None:
    assert (await post(Gateway(), "/webhooks/tiktok", tiktok(), at=at)).status == 401


async def test_a_tiktok_signature_of_five_minutes_ago_is_still_good() -> None:
    answer = await post(Gateway(), "/webhooks/tiktok", tiktok(), at=NOW // 1000 - 299)

    assert answer.status == 200


@pytest.mark.parametrize("path", ["/webhooks/meta", "/webhooks/whatsapp"])
async def test_meta_hears_its_challenge_for_a_token_that_a_tenant_has_set(path: str) -> None:
    gateway = Gateway()
    asked = f"hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token={VERIFY_TOKEN}"

    answer = await gateway.get(f"{path}?{asked}")

    assert (answer.status, answer.content) == (200, b"1158201444")
    assert answer.headers["content-type"] == "text/plain"
    assert gateway.outlet.rows == []


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ("", 403),
        ("hub.mode=subscribe&hub.challenge=1", 403),
        ("hub.mode=subscribe&hub.challenge=1&hub.verify_token=", 403),
        ("hub.mode=subscribe&hub.challenge=1&hub.verify_token=another", 403),
        (f"hub.mode=unsubscribe&hub.challenge=1&hub.verify_token={VERIFY_TOKEN}", 403),
        (f"hub.challenge=1&hub.verify_token={VERIFY_TOKEN}", 403),
        (f"hub.mode=subscribe&hub.verify_token={VERIFY_TOKEN}", 400),
        (f"hub.mode=subscribe&hub.challenge=%3Cscript%3E&hub.verify_token={VERIFY_TOKEN}", 400),
        (f"hub.mode=subscribe&hub.challenge={'1' * 257}&hub.verify_token={VERIFY_TOKEN}", 400),
    ],
)
async def test_a_handshake_that_is_none_is_refused(asked: str, status: int) -> None:
    assert (await Gateway().get(f"/webhooks/meta?{asked}")).status == status


async def test_a_handshake_before_the_start_is_done_is_asked_to_come_again() -> None:
    gateway = Gateway()
    gateway.directory.loaded = False
    gateway.directory.snapshot = Snapshot()

    answer = await gateway.get(f"/webhooks/meta?hub.mode=subscribe&hub.verify_token={VERIFY_TOKEN}")

    assert answer.status == 503


async def test_tiktok_has_no_handshake() -> None:
    assert (await Gateway().get("/webhooks/tiktok?hub.mode=subscribe")).status == 405


def test_the_signers_sign_what_the_sheets_say() -> None:
    assert meta_headers(b"{}")["x-hub-signature-256"].startswith("sha256=")
    assert tiktok_headers(b"{}", at=1)["TikTok-Signature"].startswith("t=1,s=")
