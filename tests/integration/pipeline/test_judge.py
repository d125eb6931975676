"""Since when the judge holds a platform for connected, by what the audit log says."""

import json

from tests.integration.credit.world import NOON, TENANT, World, world_of
from tests.oracle.judge import connections

AT = round(NOON.timestamp() * 1000)


async def connect(world: World, platform: str, *, enabled: bool = True) -> None:
    await world.put(
        "platform_connections",
        tenant_id=TENANT, platform=platform, account_id="1", credentials_encrypted="",
        enabled=enabled,
    )  # fmt: skip


async def noted(world: World, seconds: int, action: str, **detail: str) -> None:
    await world.conn.execute(
        "INSERT INTO audit_log (tenant_id, at, actor, action, detail)"
        " VALUES ($1, $2::timestamptz + $3 * interval '1 second', 'o', $4, $5::text::jsonb)",
        TENANT, NOON, seconds, action, json.dumps(detail),
    )  # fmt: skip


async def test_a_platform_is_connected_since_it_was_first_set_and_again_after_it_was_let_go(
    database: str,
) -> None:
    async with world_of(database) as world:
        await world.tenant()
        for platform in ("ga4", "google_ads", "meta", "tiktok"):
            await connect(world, platform)
        await connect(world, "snapchat", enabled=False)
        await noted(world, 1, "set", google_ads_customer_id="(set)", currency="EUR")
        await noted(world, 2, "set", google_ads_customer_id="(set)", meta_pixel_id="(set)")
        await noted(world, 3, "connect", platform="tiktok")
        await noted(world, 4, "disconnect", platform="tiktok")
        await noted(world, 5, "disconnect", platform="meta")
        await noted(world, 6, "connect", platform="tiktok")
        await noted(world, 7, "connect", platform="tiktok")
        await noted(world, 8, "set", meta_pixel_id="(set)")
    assert await connections(database) == {
        (TENANT, "ga4"): 0,
        (TENANT, "google_ads"): AT + 1_000,
        (TENANT, "tiktok"): AT + 6_000,
        (TENANT, "meta"): AT + 8_000,
    }
