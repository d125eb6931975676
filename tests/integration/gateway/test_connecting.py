"""A tenant connects platforms through the API: the whole flow, vendors as strict as RFCs."""

import base64
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from deploy.simulators.authority import API, AUTHORIZE, EXCHANGE, REVOKE
from processors.commands import tenants, users
from processors.engine.clock import wall_clock
from processors.engine.sealing import Sealer
from processors.engine.vault import Vault, new_key
from processors.platforms.base import Account, Connector, Result
from processors.platforms.connecting import state as states
from processors.platforms.connecting import store
from processors.platforms.connecting.state import Whose
from processors.platforms.google_ads.accounts import conversion_actions
from processors.platforms.linkedin.settings import conversions
from processors.platforms.microsoft_ads.settings import goals
from processors.platforms.registry import CONNECTORS
from schemas.delivery import Platform
from tests.integration.fanout.field import event
from tests.integration.gateway.running import client_of
from tests.integration.schedule.world import World, running, tell
from tests.support.servers import KafkaServer

BACK = "https://app.example/connected/{platform}"
PASSWORD = "a long enough password"
ONE_ACCOUNT = ("google_ads", "klaviyo", "linkedin", "pinterest", "snapchat", "tiktok")
ACCOUNTS = {
    "google_ads": "1234567890",
    "klaviyo": "AbC123", "linkedin": "518121035", "pinterest": "549755885175", "snapchat": "p1",
    "tiktok": "CABC",
}  # fmt: skip

REPORTED = {"snapchat": {"ad_account_id": "a1"}, "tiktok": {"advertiser_id": "70"}}
"""Whose spend is read, where events go to another kind of account."""

BROWSER = {"user_agent": "Mozilla/5.0", "url": "https://shop.example.com/", "ip": "203.0.113.7"}
SEAL_KEY = bytes(range(64))
SEALED = Sealer(SEAL_KEY).seal("demo", {"email": "e@example.com"})
SENDING: dict[Platform, tuple[str, dict[str, str], dict[str, Any]]] = {
    "google_ads": (
        "",
        {"conversion_actions": conversion_actions("Purchase=987"), "api": "data_manager"},
        {"marketing": {"gclid": "Cj0K"}},
    ),
    "klaviyo": (
        "",
        {},
        {
            "user_data": {
                "sealed": Sealer(bytes(range(64))).seal("demo", {"email": "e@example.com"})
            }
        },
    ),
    "linkedin": (
        "",
        {"conversions": conversions("Purchase=7")},
        {"marketing": {"li_fat_id": "df5gf5-gh6t7"}},
    ),
    "microsoft_ads": (
        "18",
        {"customer_id": "25", "goals": goals("Purchase=Sale"), "developer_token": "d"},
        {"marketing": {"msclkid": "dd4afcccb1c9a4cad9544dd7e5006abc"}},
    ),
    "pinterest": ("", {}, {"browser": BROWSER}),
    "snapchat": ("", {}, {"browser": BROWSER}),
    "tiktok": ("", {}, {"browser": BROWSER}),
}
"""By platform: the account where none is listed, what the tenant gives by hand besides, and what an
event is matched by."""


@pytest.fixture
async def world(
    kafka_server: KafkaServer, database: str, topic_prefix: str, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[World]:  # fmt: skip
    """A gateway, and room for simulators; the gateway starts when they are known."""
    monkeypatch.setenv("ATTRIBUTARY_GATEWAY_CONNECT_REDIRECT_URL", BACK)
    for platform in ("meta", "microsoft_ads", *ONE_ACCOUNT):
        name = f"ATTRIBUTARY_{platform.upper()}"
        monkeypatch.setenv(f"{name}_CLIENT_ID", f"app-{platform}")
        monkeypatch.setenv(f"{name}_CLIENT_SECRET", f"secret-of-app-{platform}")
    async with running(
        bootstrap=kafka_server.bootstrap, dsn=database, prefix=topic_prefix, folder=tmp_path
    ) as made:
        for name in ("DATABASE_URL", "ATTRIBUTARY_VAULT_KEY"):
            monkeypatch.setenv(name, made.env[name])
        yield made


async def vendor(world: World, platform: str) -> str:
    """A simulator that the gateway knows from its next start on."""
    url = world.simulator(platform)
    name = f"ATTRIBUTARY_{platform.upper()}"
    here = {
        f"{name}_AUTHORIZE_URL": url + AUTHORIZE,
        f"{name}_TOKEN_URL": url + EXCHANGE,
        f"{name}_API_URL": url + API,
        f"{name}_REVOKE_URL": url + REVOKE,
    }
    world.env |= here
    world.gateway.environs(here)
    await tell(url, "authority", {})
    return url


async def restart(world: World) -> None:
    """The gateway reads its environment."""
    world.gateway.terminate()
    await world.gateway.start()


async def signed_in(client: httpx.AsyncClient, platform: str) -> dict[str, str]:
    """Somebody goes to the vendor's page and says yes; what the browser brings back."""
    answer = await client.get(f"/api/v1/connections/{platform}/authorize")
    assert answer.status_code == 200, answer.text
    async with httpx.AsyncClient() as browser:
        page = await browser.get(answer.json()["authorize_url"])
    assert page.status_code == 307, page.text
    back = urlsplit(page.headers["location"])
    assert back.geturl().startswith(BACK.replace("{platform}", platform))
    return {name: values[0] for name, values in parse_qs(back.query).items()}


async def stored(world: World, platform: str) -> tuple[str, bool, dict[str, str]]:
    """Account, whether it is switched on, and credentials."""
    query = "SELECT * FROM platform_connections WHERE tenant_id = 'demo' AND platform = $1"
    row = (await world.rows(query, platform))[0]
    vault = Vault(world.env["ATTRIBUTARY_VAULT_KEY"])
    opened = store.opened(vault, row["credentials_encrypted"])
    return row["account_id"], row["enabled"], opened


async def callback(
    client: httpx.AsyncClient, platform: str, said: dict[str, str]
) -> httpx.Response:
    """What the app's page brings."""
    return await client.get(f"/api/v1/connections/{platform}/callback", params=said)


async def test_every_platform_is_connected_and_its_only_account_is_chosen(world: World) -> None:
    for platform in ONE_ACCOUNT:
        await vendor(world, platform)
    await restart(world)
    async with client_of(world.gateway) as client:
        for platform in ONE_ACCOUNT:
            said = await signed_in(client, platform)
            answer = await callback(client, platform, said)
            assert answer.status_code == 200, (platform, answer.text)
            account, enabled, credentials = await stored(world, platform)
            assert (account, enabled) == (ACCOUNTS[platform], True), platform
            part = "access_token" if platform == "tiktok" else "refresh_token"
            assert credentials[part].startswith(part.partition("_")[0] + "-secret-")
            assert REPORTED.get(platform, {}).items() <= credentials.items(), platform
    assert "secret-" not in world.gateway.log_text


async def test_what_a_sign_in_brought_sends_events_until_it_is_revoked(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    urls = {platform: await vendor(world, platform) for platform in SENDING}
    key = base64.b64encode(SEAL_KEY).decode()
    await restart(world)
    async with client_of(world.gateway) as client:
        for platform, (own, by_hand, matched) in SENDING.items():
            sealed = store.sealed(Vault(world.env["ATTRIBUTARY_VAULT_KEY"]), by_hand)
            await world.rows("DELETE FROM platform_connections WHERE platform = $1", platform)
            row = "INSERT INTO platform_connections VALUES ('demo', $1, $2, $3, false)"
            await world.rows(row, platform, own, sealed)
            answer = await callback(client, platform, await signed_in(client, platform))
            assert answer.status_code == 200, (platform, answer.text)
            assert answer.json()["accounts"] is not None, f"{platform} sold the flow no token"
            account_id, enabled, credentials = await stored(world, platform)
            assert (account_id, enabled) == (own or ACCOUNTS[platform], True), platform
            assert by_hand.items() <= credentials.items(), platform
            with world.operator(monkeypatch, ATTRIBUTARY_SEAL_KEY=key):
                connector = CONNECTORS[platform].load(wall_clock)
            try:
                account = Account("demo", account_id, credentials)
                await sends_until_revoked(connector, account, urls[platform], matched)
            finally:
                await connector.close()


async def sends_until_revoked(
    connector: Connector, account: Account, url: str, matched: dict[str, Any]
) -> None:
    """One event counts; after the vendor revoked all, another does not, and nothing is bought."""
    platform = connector.platform
    one, two = (event(e, tenant="demo", platform=platform, **matched) for e in ("e", "f"))
    assert (await connector.send(account, [one])).results == (Result("sent"),), platform
    async with httpx.AsyncClient(base_url=url) as simulated:
        (await simulated.post("/_sim/authority", json={"revoked": True})).raise_for_status()
        verdicts = [(await connector.send(account, [two])).results[0].verdict for _ in range(2)]
        assert "sent" not in verdicts, platform
        assert verdicts[1] == "reauth", platform
        assert len((await simulated.get("/_sim/accepted")).json()) == 1, platform


async def test_meta_gets_a_long_token_and_one_of_its_pixels_is_chosen(world: World) -> None:
    url = await vendor(world, "meta")
    await restart(world)
    await world.rows("DELETE FROM platform_connections WHERE platform = 'meta'")
    async with client_of(world.gateway) as client:
        answer = await callback(client, "meta", await signed_in(client, "meta"))
        assert [one["account_id"] for one in answer.json()["accounts"]] == ["9001", "9002"]
        assert (await stored(world, "meta"))[:2] == ("", False)
        path = "/api/v1/connections/meta"
        assert (await client.post(f"{path}/account", json={"account_id": "7"})).status_code == 404
        chosen = await client.post(f"{path}/account", json={"account_id": "9002"})
        assert chosen.status_code == 200, chosen.text
        account, enabled, credentials = await stored(world, "meta")
        assert (account, enabled, credentials["ad_account_id"]) == ("9002", True, "11")
        assert int(credentials["access_token_expires_at"]) > 1_790_000_000_000
        listed = (await client.get("/api/v1/connections")).json()["connections"]
        assert {"platform": "meta", "account_id": "9002", "enabled": True, "health": None} in listed

        off = await client.post(f"{path}/enabled", json={"enabled": False})
        assert off.json() == {"platform": "meta", "enabled": False}
        assert await stored(world, "meta") == (account, False, credentials)
        for body, status in (({"enabled": True}, 200), ({"enabled": "no"}, 422), ([], 422)):
            assert (await client.post(f"{path}/enabled", json=body)).status_code == status
        assert (await stored(world, "meta"))[1]
        for platform in ("tiktok", "fairing", "nobody"):
            nowhere = f"/api/v1/connections/{platform}/enabled"
            assert (await client.post(nowhere, json={"enabled": True})).status_code == 404

        gone = await client.delete(path)
        assert gone.json() == {"platform": "meta", "revoked": True}
        assert await stored(world, "meta") == ("9002", False, {"ad_account_id": "11"})
        assert (await client.delete(path)).status_code == 404
    async with httpx.AsyncClient() as simulated:
        assert (await simulated.get(f"{url}/_sim/authority")).json()["access"] == []


async def test_a_sign_in_is_of_one_tenant_and_user_and_is_taken_once(world: World) -> None:
    await vendor(world, "klaviyo")
    await restart(world)
    await tenants.add("other")
    await users.add("ada@example.com", role="analyst", tenants=("demo", "other"), password=PASSWORD)
    await users.add("bob@example.com", role="viewer", tenants=("demo",), password=PASSWORD)
    async with client_of(world.gateway) as client:
        tokens = {}
        for name in ("ada", "bob"):
            person = {"email": f"{name}@example.com", "password": PASSWORD}
            answer = await client.post("/api/v1/auth/login", json=person)
            tokens[name] = answer.json()["access_token"]
    async with (
        client_of(world.gateway) as key,
        client_of(world.gateway, tokens["ada"], params={"tenant": "demo"}) as ada,
        client_of(world.gateway, tokens["bob"]) as bob,
    ):
        said = await signed_in(ada, "klaviyo")
        assert (await callback(key, "klaviyo", said)).status_code == 403
        elsewhere = {**said, "tenant": "other"}
        assert (await callback(ada, "klaviyo", elsewhere)).status_code == 403
        assert (await callback(ada, "pinterest", said)).status_code == 403
        assert (await callback(bob, "klaviyo", said)).status_code == 403
        assert (await bob.get("/api/v1/connections/klaviyo/authorize")).status_code == 403
        assert (await bob.get("/api/v1/connections")).status_code == 200
        assert (await callback(ada, "klaviyo", said)).status_code == 200
        again = await callback(ada, "klaviyo", said)
        assert (again.status_code, again.json()["error"]) == (400, "connect_bad_state")
    actions = await world.rows("SELECT detail FROM audit_log WHERE action = 'connect'")
    assert '"by": "ada@example.com"' in actions[0]["detail"]


async def test_a_forged_or_old_state_and_a_wrong_verifier_connect_nothing(world: World) -> None:
    url = await vendor(world, "klaviyo")
    await restart(world)
    vault = Vault(world.env["ATTRIBUTARY_VAULT_KEY"])
    whose = Whose("demo", "server key", "klaviyo")
    async with client_of(world.gateway) as client:
        said = await signed_in(client, "klaviyo")
        foreign = Vault(new_key()).encrypt("[]")
        old, _ = states.make(vault, whose, now=1_000)
        unknown, _ = states.make(vault, whose, now=4_000_000_000_000)
        for state in ("", "x", foreign, said["state"][:-4] + "AAAA", old, unknown):
            answer = await callback(client, "klaviyo", {**said, "state": state})
            assert (answer.status_code, answer.json()["error"]) == (400, "connect_bad_state")

        other = vault.encrypt(states.verifier())
        await world.rows("UPDATE connection_attempts SET verifier_encrypted = $1", other)
        answer = await callback(client, "klaviyo", said)
        assert (answer.status_code, answer.json()["error"]) == (422, "connect_refused")
        assert answer.json()["detail"].endswith("(HTTP 400): invalid_grant")

        await tell(url, "authority", {"denies": True})
        answer = await callback(client, "klaviyo", await signed_in(client, "klaviyo"))
        assert answer.status_code == 422
    assert await world.rows("SELECT 1 FROM platform_connections WHERE platform = 'klaviyo'") == []
