"""What consent held back goes out when it is allowed at last, and a replay then finds nothing more.

Each test looks at the claims: what is claimed is on its way to the platforms.
"""

import random
from collections.abc import AsyncIterator

import asyncpg
import pytest

from processors.engine.codec import decode
from processors.engine.postgres import Database
from schemas.command import Body, Command, SetConsent, SetSetting, Unlink
from schemas.envelope import Consent, Frozen, Identifiers
from schemas.pixel_event import PixelEvent
from tests.integration.pipeline.races import join, order
from tests.support.pipeline import NOW, Pipeline
from tests.support.random_log import Size, random_log

Records = list[tuple[str, Frozen]]
TENANT = "tenant-0"
DENIED = Consent(ad_storage="denied", ad_user_data="denied", analytics_storage="denied")
GRANTED = Consent(ad_storage="granted", ad_user_data="granted", analytics_storage="granted")
MIXED = Size(tenants=2, visitors=10, customers=4, touches=10, events=40, orders=8, commands=30,
             purchases=6, spend=0)  # fmt: skip


@pytest.fixture
async def pipeline(database: str) -> AsyncIterator[Pipeline]:
    operator = await asyncpg.connect(database)
    for tenant in (TENANT, "tenant-1"):
        await operator.execute("INSERT INTO tenants (tenant_id) VALUES ($1)", tenant)
        await operator.execute(
            "INSERT INTO platform_connections VALUES ($1, 'meta', 'account', '', true)", tenant
        )
    await operator.close()
    db = await Database.connect(
        database, role="attributary_processor", application_name="consent", max_size=4
    )
    yield Pipeline(db)
    await db.close()


def view(visitor: str, *, consent: Consent | None = None, **ids: str) -> Records:
    record = PixelEvent(
        tenant_id=TENANT, event_id=f"view-{visitor}", content_hash="h", source="events",
        event_name="ViewContent", occurred_at=NOW - 5_000, received_at=NOW, visitor_id=visitor,
        identifiers=Identifiers.model_validate(ids), consent=consent,
    )  # fmt: skip
    return [("pixel_events.v1", record)]


def told(body: Body, *, at: int = NOW) -> Records:
    name = f"{body.kind}-{at}"
    record = Command(tenant_id=TENANT, command_id=name, issued_at=at, received_at=NOW, body=body)
    return [("commands.v1", record)]


async def claimed(pipeline: Pipeline, *parts: Records) -> list[set[str]]:
    """The claims after each part was fed and drained."""
    seen = []
    for part in parts:
        await pipeline.feed(part)
        await pipeline.drain(random.Random(1))
        seen.append(await claims(pipeline))
    return seen


async def claims(pipeline: Pipeline) -> set[str]:
    async with pipeline.db.connection() as conn:
        rows = await conn.fetch("SELECT tenant_id, event_id FROM dedupe_keys")
    return {f"{row['tenant_id']} {row['event_id']}" for row in rows}


async def replayed(pipeline: Pipeline) -> set[str]:
    for place in [place for place in pipeline.broker.committed if place[0] == "identity"]:
        pipeline.broker.committed[place] = 0
    await pipeline.drain(random.Random(2))
    return await claims(pipeline)


async def test_an_event_goes_out_when_its_sender_grants_later(pipeline: Pipeline) -> None:
    before, after = await claimed(
        pipeline,
        view("v", consent=DENIED),
        told(SetConsent(ids=("visitor:v",), consent=GRANTED)),
    )
    assert (before, after) == (set(), {f"{TENANT} view-v"})
    assert await replayed(pipeline) == after


async def test_a_grant_under_another_id_counts_for_what_the_person_did(pipeline: Pipeline) -> None:
    grant = SetConsent(ids=("customer:c",), consent=GRANTED)
    *_, apart, joined = await claimed(
        pipeline, view("v", consent=DENIED), told(grant), join(TENANT, "v", "c")
    )
    assert (apart, joined) == (set(), {f"{TENANT} view-v"})


async def test_an_event_goes_out_when_its_sender_is_parted_from_who_denied(
    pipeline: Pipeline,
) -> None:
    cut = Unlink(a="customer:c", b="visitor:v")
    held, parted = await claimed(
        pipeline,
        [
            *told(SetConsent(ids=("customer:c",), consent=DENIED)),
            *join(TENANT, "v", "c"),
            *view("v"),
        ],
        told(cut),
    )
    assert (held, parted) == (set(), {f"{TENANT} view-v"})
    assert await replayed(pipeline) == parted


async def test_an_order_goes_out_when_its_buyer_grants_later(pipeline: Pipeline) -> None:
    silence = SetSetting(key="consent_when_absent", value="denied")
    grant = SetConsent(ids=("customer:c",), consent=GRANTED)
    held, granted = await claimed(
        pipeline, [*told(silence), *order(TENANT, customer="c")], told(grant)
    )
    assert held == set()
    assert len(granted) == 1


async def test_events_go_out_when_the_tenant_says_that_silence_is_consent(
    pipeline: Pipeline,
) -> None:
    held, said = await claimed(
        pipeline,
        [*told(SetSetting(key="consent_when_absent", value="denied")), *view("v")],
        told(SetSetting(key="consent_when_absent", value="granted"), at=NOW + 1),
    )
    assert (held, said) == (set(), {f"{TENANT} view-v"})


async def test_nothing_is_looked_at_again_where_nobody_decided(pipeline: Pipeline) -> None:
    await claimed(pipeline, view("v"), join(TENANT, "v", "c"))
    assert len(pipeline.broker.read("stitched_events.v1")) == 1


@pytest.mark.parametrize("seed", range(4))
async def test_a_replay_of_a_random_log_claims_nothing_new(pipeline: Pipeline, seed: int) -> None:
    rng = random.Random(seed)
    await pipeline.feed(random_log(rng, MIXED))
    await pipeline.drain(rng, crashes=0.02)
    before = await claims(pipeline)
    assert before
    assert await replayed(pipeline) == before


async def test_a_rebuilt_database_routes_nothing_before_the_log_is_read(
    pipeline: Pipeline, database: str
) -> None:
    operator = await asyncpg.connect(database)
    await operator.execute("INSERT INTO rebuild_ends VALUES ('commands.v1', 0, 1)")
    await pipeline.feed(view("v"))
    identity, dedupe = pipeline.replica("identity"), pipeline.replica("dedupe")
    await pipeline.turn(identity, 10)
    batch = pipeline.waiting("dedupe", dedupe.partitions, 10)
    with pytest.raises(TimeoutError):
        await dedupe.cycle._process([decode(message) for message in batch])
    assert await claims(pipeline) == set()
    await operator.execute(
        "INSERT INTO consumed_offsets VALUES ('identity', 'commands.v1', 0, 0, 1)"
    )
    await pipeline.turn(dedupe, 10)
    assert await claims(pipeline) == {f"{TENANT} view-v"}
    await operator.close()
