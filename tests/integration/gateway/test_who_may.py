"""Keys and logins change while a gateway runs: it follows within seconds, by itself."""

from datetime import timedelta

import httpx
import orjson
import pytest

from processors.commands import keys, tenants, users
from processors.commands.key_terms import Terms
from tests.integration.gateway.running import Gateway, client_of, records, until
from tests.support.servers import KafkaServer

PASSWORD = "a long enough password"
EMAIL = "ada@example.com"
EVENT = {"event_name": "Lead", "visitor_id": "v1", "event_id": "e1"}
STREAM = "/api/v1/capi/events/stream"
LISTED = "/api/v1/audit/offline-conversions/batches"


@pytest.fixture(autouse=True)
def operator(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    """The operator works on the gateway's database, under its vault key."""
    for name in ("DATABASE_URL", "ATTRIBUTARY_VAULT_KEY"):
        monkeypatch.setenv(name, gateway.environment[name])


async def status(gateway: Gateway, key: str, **headers: str) -> int:
    """What a post under the key is answered with."""
    async with client_of(gateway, key) as client:
        return (await client.post("/v1/events", json=EVENT, headers=headers)).status_code


async def test_a_key_is_rotated_without_a_moment_in_which_none_is_good(gateway: Gateway) -> None:
    old = (await keys.add("demo", Terms(label="till"))).key
    assert await status(gateway, old) == 200
    new = (await keys.rotate("demo", "till", grace=timedelta(seconds=4))).key
    assert (await status(gateway, old), await status(gateway, new)) == (200, 200)

    async def is_refused() -> bool:
        return await status(gateway, old) == 401

    await until(is_refused, seconds=15)
    assert await status(gateway, new) == 200


async def test_what_a_key_is_bound_to_holds_within_seconds(
    gateway: Gateway, kafka_server: KafkaServer, topic_prefix: str
) -> None:
    made = await keys.add("demo", Terms(kind="browser", label="shop"))
    assert await status(gateway, made.key, origin="https://evil.example") == 200
    bound = Terms(
        kind="browser", label="shop", origins=("https://*.shop.example",), events_denied=("Lead",),
        events_per_second=0.01, burst_events=2,
    )  # fmt: skip
    await keys.change("demo", "shop", lambda _: bound)

    async def is_bound() -> bool:
        return await status(gateway, made.key, origin="https://evil.example") == 403

    await until(is_bound, seconds=15)
    async with client_of(gateway, made.key) as client:
        page = {"origin": "https://www.shop.example"}
        first, second, third = [
            await client.post("/v1/events", json={**EVENT, "event_id": n}, headers=page)
            for n in ("first", "second", "third")
        ]

    assert first.headers["access-control-allow-origin"] == "https://www.shop.example"
    assert first.json()["filtered"] == [{"index": 0, "rule": "event_denied"}]
    assert (second.status_code, third.status_code) == (200, 429)
    assert int(third.headers["retry-after"]) > 1
    kept = await records(kafka_server.bootstrap, topic_prefix, "pixel_events.v1")
    marks = {orjson.loads(m.value or b"")["event_id"]: m for m in kept}
    assert {n for n, m in marks.items() if b'"filtered":"event_denied"' in (m.value or b"")} == {
        "first", "second",
    }  # fmt: skip
    assert "third" not in marks


async def test_a_login_opens_its_tenant_until_its_tokens_end(gateway: Gateway) -> None:
    await tenants.add("stranger")
    await users.add(EMAIL, role="admin", tenants=["demo"], password=PASSWORD)

    async with httpx.AsyncClient(base_url=gateway.url, timeout=30) as client:
        given = {"email": EMAIL, "password": PASSWORD}
        login = await client.post("/api/v1/auth/login", json=given)
        assert login.status_code == 200, login.text
        client.headers["authorization"] = f"Bearer {login.json()['access_token']}"

        listed = await client.get(LISTED)
        sent = await client.post(STREAM, json=EVENT)
        other = await client.get(LISTED, params={"tenant": "stranger"})
        scored = [await client.get(f"/api/v1/tenants/{n}/emq/score") for n in ("demo", "stranger")]
        assert [answer.status_code for answer in scored] == [200, 403]
        outside = await client.post("/v1/events", json=EVENT)
        assert (listed.status_code, sent.status_code) == (200, 200), (listed.text, sent.text)
        assert (other.status_code, outside.status_code) == (403, 403)

        await users.void_tokens(EMAIL)

        async def is_ended() -> bool:
            return (await client.get("/api/v1/auth/me")).status_code == 401

        await until(is_ended, seconds=15)
    assert PASSWORD not in gateway.log_text
    assert EMAIL not in gateway.log_text
