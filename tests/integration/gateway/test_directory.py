"""What the gateway learns of tenants from the control tables, under its own role."""

import asyncpg

from processors.engine import sealing, vault
from processors.engine.vault import Vault
from processors.gateway.directory import Directory, Snapshot
from processors.gateway.settings import GatewaySettings

KEY = vault.new_key()


async def learned(dsn: str, *statements: str) -> Snapshot:
    """The snapshot after the operator's statements; `$1` is a sealed text."""
    conn = await asyncpg.connect(dsn)
    try:
        await conn.execute("INSERT INTO tenants (tenant_id) VALUES ('acme'), ('rival')")
        for statement in statements:
            values = (Vault(KEY).encrypt("{}"),) if "$1" in statement else ()
            await conn.execute(statement, *values)
    finally:
        await conn.close()
    settings = GatewaySettings.load(
        kafka_bootstrap_servers="127.0.0.1:1",
        database_url=dsn,
        seal_key=sealing.new_key(),
        vault_key=KEY,
    )
    directory = Directory(settings, vault=Vault(KEY), clock=lambda: 0)
    try:
        await directory.ask_again()
        assert directory.loaded
        return directory.snapshot
    finally:
        await directory.close()


def shop(tenant: str, source: str) -> str:
    return (
        "INSERT INTO webhook_sources (source, account, tenant_id, secret_encrypted)"
        f" VALUES ('{source}', '{tenant}', '{tenant}', $1)"
    )


def measures(tenant: str, measurement_id: str) -> str:
    return (
        f"INSERT INTO platform_connections VALUES ('{tenant}', 'ga4', '{measurement_id}', $1, true)"
    )


def hosts(tenant: str, value: str) -> str:
    return (
        "INSERT INTO tenant_settings VALUES"
        f" ('{tenant}', 'redirect_hosts', '{value}', 1, 'c-{tenant}')"
    )


async def test_a_tenant_is_known_by_its_measurement_id_its_hosts_and_its_only_shop(
    database: str,
) -> None:
    snapshot = await learned(
        database,
        measures("acme", "G-ACME"),
        measures("rival", "G-RIVAL"),
        hosts("acme", "shop.example,*.acme.example"),
        hosts("rival", "https://not a host"),
        shop("acme", "shopify"),
        shop("rival", "shopify"),
        shop("rival", "woocommerce"),
    )

    assert snapshot.measurements == {"G-ACME": "acme", "G-RIVAL": "rival"}
    assert snapshot.redirect_hosts == {"acme": ("shop.example", "*.acme.example")}
    assert snapshot.shops == {"acme": "shopify"}


async def test_a_measurement_id_of_two_tenants_is_nobodys(database: str) -> None:
    snapshot = await learned(database, measures("acme", "G-1"), measures("rival", "G-1"))

    assert snapshot.measurements == {}


async def test_a_platform_fails_while_its_circuit_is_open_or_its_credentials_are_refused(
    database: str,
) -> None:
    def connects(tenant: str, platform: str, *, on: bool = True) -> str:
        return f"INSERT INTO platform_connections VALUES ('{tenant}', '{platform}', '1', $1, {on})"

    def opens(platform: str, until: str) -> str:
        return (
            "INSERT INTO delivery_circuit_openings VALUES"
            f" ('acme', '{platform}', 'r', now() - interval '5 minutes', now() + '{until}')"
        )

    def checks(platform: str, state: str) -> str:
        return (
            "INSERT INTO connection_checks VALUES"
            f" ('acme', '{platform}', '{state}', 'told', 'probe', now(), now())"
        )

    snapshot = await learned(
        database,
        *(connects("acme", name) for name in ("ga4", "meta", "pinterest", "snapchat", "tiktok")),
        connects("acme", "klaviyo", on=False),
        connects("rival", "meta"),
        opens("meta", "1 minute"),
        opens("ga4", "-1 minute"),
        checks("meta", "needs_reauth"),
        checks("tiktok", "revoked"),
        checks("pinterest", "degraded"),
        checks("klaviyo", "revoked"),
    )

    assert snapshot.failing == {"acme": ("meta", "tiktok")}
    assert snapshot.platforms["acme"] == ("ga4", "meta", "pinterest", "snapchat", "tiktok")
