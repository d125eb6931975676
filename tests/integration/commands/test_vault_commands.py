"""Credentials move to a new key while the old one is still there, and nothing is left under it."""

from typing import Any

import asyncpg
import pytest

from processors.commands import tenants, vaults
from processors.engine.vault import CannotDecrypt, Vault, new_key


async def opened(dsn: str, vault: Vault) -> dict[str, Any]:
    """What a vault opens of each table."""
    conn = await asyncpg.connect(dsn)
    try:
        sealed = {
            "connection": "SELECT credentials_encrypted FROM platform_connections",
            "webhook": "SELECT secret_encrypted FROM webhook_sources",
            "before": "SELECT previous_secret_encrypted FROM webhook_sources",
            "key": "SELECT signing_secret_encrypted FROM api_keys WHERE label = 'signing'",
            "alert": "SELECT webhook_secret_encrypted FROM pixel_alert_configs",
        }
        return {name: vault.decrypt(await conn.fetchval(query)) for name, query in sealed.items()}
    finally:
        await conn.close()


async def fill(dsn: str, vault: Vault) -> None:
    """A row of each table, and a key that signs nothing."""
    await tenants.add("acme")
    conn = await asyncpg.connect(dsn)
    rows = (
        ("platform_connections VALUES ('acme', 'meta', '1', $1, true)", "{}"),
        ("webhook_sources VALUES ('shopify', 'a.example', 'acme', $1, $2, now())", "second first"),
        (
            "api_keys (key_sha256, tenant_id, kind, label, signing_secret_encrypted)"
            " VALUES ('k', 'acme', 'server', 'signing', $1)",
            "signs",
        ),
        (
            "pixel_alert_configs (tenant_id, config_id, metric, comparison, threshold, least_cases,"
            " window_minutes, cooldown_minutes, webhook_url, webhook_secret_encrypted)"
            " VALUES ('acme', 'a', 'retry_rate', 'above', 1, 1, 60, 60, 'https://x', $1)",
            "tells",
        ),
    )
    for row, secrets in rows:
        await conn.execute(f"INSERT INTO {row}", *map(vault.encrypt, secrets.split()))
    await conn.close()


async def test_everything_is_rotated_once_and_what_no_key_opens_is_told(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = new_key(), new_key()
    monkeypatch.setenv("DATABASE_URL", database)
    monkeypatch.setenv("ATTRIBUTARY_VAULT_KEY", old)
    await fill(database, Vault(old))
    before = await opened(database, Vault(old))
    assert before == {
        "connection": "{}", "webhook": "second", "before": "first", "key": "signs",
        "alert": "tells",
    }  # fmt: skip

    monkeypatch.setenv("ATTRIBUTARY_VAULT_KEY", f"{new},{old}")
    counted = [one.as_json() for one in await vaults.rotate(dry_run=True)]
    with pytest.raises(CannotDecrypt):
        await opened(database, Vault(new))
    assert [one.as_json() for one in await vaults.rotate()] == counted
    assert [(one["rotated"], one["unreadable"]) for one in counted] == [(1, 0)] * 4
    assert await opened(database, Vault(new)) == before
    again = await vaults.rotate()
    assert [(one.rotated, one.current) for one in again] == [(0, 1)] * 4

    monkeypatch.setenv("ATTRIBUTARY_VAULT_KEY", new_key())
    assert [one.unreadable for one in await vaults.rotate()] == [1] * 4
    assert await opened(database, Vault(new)) == before
