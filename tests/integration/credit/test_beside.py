"""Two sides of one reading are what two readings under two settings would be."""

from datetime import timedelta
from itertools import product

from processors.credit.beside import read_beside
from processors.credit.handle import answer
from processors.credit.settings import read_settings
from processors.credit.store import read_cases
from schemas.credit import Credits
from tests.integration.credit.world import NOON, TENANT, World, processor_database

NAMES = ("few", "many", "alone", "nobody")
SETTINGS: tuple[dict[str, str], ...] = (
    {},
    {"half_life_days": "1"},
    {"max_touches": "3"},
    {"max_touches": "3", "attribution_mode": "clicks_only"},
    {"max_touches": "4", "view_window": "2d", "lookback_days": "9"},
    {"lookback_days": "3", "view_window": "0"},
    {"custom_model": '{"channels": {"direct": 0}, "views": 0.5}'},
)

DEFAULTS = {
    "half_life_days": "7", "max_touches": "1000", "attribution_mode": "clicks_plus_views",
    "view_window": "", "lookback_days": "", "custom_model": "",
}  # fmt: skip
VALUES = (
    ("half_life_days", "0.000001"), ("half_life_days", "0"), ("half_life_days", "007.50"),
    ("attribution_mode", "clicks_only"), ("attribution_mode", "clicks_plus_views"),
    ("view_window", ""), ("view_window", "0"), ("view_window", "7d"), ("view_window", "030"),
    ("max_touches", "1"), ("max_touches", "5000"),
    ("lookback_days", ""), ("lookback_days", "1"), ("lookback_days", "365"),
    ("custom_model", ""), ("custom_model", '{"views": 0.125}'),
)  # fmt: skip


async def shop(world: World) -> None:
    """A person with many touches at many ids, one with few, one with none."""
    for node in ("visitor:a", "visitor:b", "customer:7"):
        await world.node(node, person="customer:7")
    await world.node("visitor:few")
    await world.node("visitor:alone")
    for n in range(40):
        kind = "view" if n % 3 else "click"
        anchor = ("visitor:a", "visitor:b", "customer:7")[n % 3 if n < 20 else 0]
        channel = "direct" if n % 4 else "email"
        await world.touch(f"t{n:02}", anchor, days=n / 2, touchpoint_type=kind, channel=channel)
    for n in range(3):
        await world.touch(f"f{n}", "visitor:few", days=n * 4, touchpoint_type="click")
    await world.conversion("many", person_id="customer:7")
    await world.conversion("few", person_id="visitor:few", net=1_001)
    await world.conversion("alone", person_id="visitor:alone")
    await world.conversion("nobody", converted_at=NOON - timedelta(days=1))


async def test_either_side_is_credited_as_if_it_were_read_alone(
    world: World, database: str
) -> None:
    await shop(world)
    keys = [(TENANT, name) for name in NAMES]
    async with processor_database(database) as db:
        alone = []
        for settings in SETTINGS:
            await set_to(world, settings)
            async with db.connection() as conn:
                alone.append(shares(answer(await read_cases(conn, keys))))
        assert len({str(one) for one in alone}) == len(SETTINGS)
        for (n, own), (m, others) in product(enumerate(SETTINGS), repeat=2):
            await set_to(world, own)
            # As a whole: what the tenant has set holds on the other side, too, but for these.
            undone = {name: DEFAULTS[name] for name in own}
            async with db.transaction(isolation="repeatable_read", readonly=True) as conn:
                other = (await read_settings(conn, [TENANT], others={**undone, **others}))[TENANT]
                production, shadow = await read_beside(conn, keys, other=other.credit)
            assert shares(answer(production)) == alone[n], (own, others)
            assert shares(answer(shadow)) == alone[m], (own, others)


async def test_another_setting_is_read_as_the_same_one_that_stands(
    world: World, database: str
) -> None:
    async with processor_database(database) as db, db.connection() as conn:
        for name, value in VALUES:
            await set_to(world, {"max_touches": "7", name: "what else"})
            instead = await read_settings(conn, [TENANT], others={name: value})
            await set_to(world, {"max_touches": "7", name: value})
            assert await read_settings(conn, [TENANT]) == instead != {}, (name, value)


async def set_to(world: World, settings: dict[str, str]) -> None:
    await world.conn.execute("DELETE FROM tenant_settings")
    await world.tenant(**settings)


def shares(records: list[Credits]) -> list[tuple[object, ...]]:
    """What is said of each conversion, but for the settings' version."""
    return sorted(
        (r.conversion_id, r.touches, r.credit, r.touch_revenue, r.custom_version) for r in records
    )
