"""Reading a tenant's journeys: chunk by chunk into checkpoints, then all of them as columns."""

from collections import defaultdict
from collections.abc import Callable
from typing import Final

import numpy as np

from processors.domain.attribution.learning import TrainingJourneys
from processors.domain.attribution.models import IntArray
from processors.engine.postgres import Connection, Database
from processors.schedule.store import QUERIES
from processors.schedule.training.cutting import Chunk, Conversion, Touch, cut
from processors.schedule.training.plan import DAY_MS, Plan, one_in

MOST_OF_A_PERSON: Final = 2_000
"""The newest touches of one id that are read: a robot's journey tells nothing more."""

Progress = Callable[[int, int], None]
"""Told the people and the touches that were read so far."""


async def plan_of(db: Database, tenant: str, *, now: int, days: int, most: int) -> Plan | None:
    """What a run that begins now reads: the latest `days`, and about `most` touches of them at
    most; None for a tenant without a touch."""
    async with db.connection() as conn:
        until = await conn.fetchval(QUERIES["training_until"], tenant, now)
        if until is None:
            return None
        since = until - days * DAY_MS
        row = await conn.fetchrow(QUERIES["training_settings"], tenant)
        assert row is not None, "the view has a row for every tenant"
        with_views = row["attribution_mode"] != "clicks_only"
        touches = await conn.fetchval(QUERIES["training_size"], tenant, since, until, with_views)
        epoch = await conn.fetchval(QUERIES["training_epoch"])
    return Plan(epoch, since, until, one_in(touches, most), with_views, row["lookback_days"])


async def read_all(db: Database, tenant: str, plan: Plan, *, at_once: int, tell: Progress) -> Plan:
    """Read every person into checkpoints, so many a transaction; returns the plan that was
    followed, which is that of a run that died, when its checkpoints are as good."""
    async with db.transaction() as conn:
        row = await conn.fetchrow(QUERIES["training_progress"], tenant)
        earlier = plan.continued(row["plan"]) if row is not None else None
        if row is not None and earlier is not None:
            plan = earlier
            chunk, after = row["chunk"], row["after"]
            people, touches = row["people"], row["touches"]
        else:
            await conn.execute(QUERIES["forget_training"], tenant)
            chunk, after, people, touches = 0, "", 0, 0
    while True:
        tell(people, touches)
        async with db.transaction() as conn:
            made = await _chunk(conn, tenant, plan, after, at_once)
            if made is None:
                return plan
            chunk += 1
            await conn.execute(
                QUERIES["put_training_chunk"], tenant, chunk, plan.text(), made.after,
                made.people, list(made.channels), made.journeys, made.ended_on,
                made.converted, made.sizes, made.channel, made.age_ms,
            )  # fmt: skip
        after, people, touches = made.after, people + made.people, touches + len(made.age_ms)


async def _chunk(
    conn: Connection, tenant: str, plan: Plan, after: str, at_once: int
) -> Chunk | None:
    """The journeys of the next people; None when there are none."""
    rows = await conn.fetch(QUERIES["training_people"], tenant, after, at_once * plan.one_in)
    if not rows:
        return None
    made = Chunk(after=rows[-1]["person_id"])
    people = [row["person_id"] for row in rows if plan.reads(row["person_id"])]
    touches: dict[str, list[Touch]] = defaultdict(list)
    span = (plan.since, plan.until)
    for row in await conn.fetch(
        QUERIES["training_touches"], tenant, people, *span, plan.with_views, MOST_OF_A_PERSON
    ):
        touches[row["person_id"]].append((row["occurred_at"], row["channel"]))
    conversions: dict[str, list[Conversion]] = defaultdict(list)
    for row in await conn.fetch(QUERIES["training_conversions"], tenant, list(touches), *span):
        conversions[row["person_id"]].append((row["converted_at"], row["conversion_id"]))
    for person in sorted(touches):
        made.add(cut(person, touches[person], conversions[person], plan))
    return made


async def gathered(db: Database, tenant: str) -> tuple[TrainingJourneys, IntArray, int]:
    """All checkpoints as columns; per touch the day (since 1970) on which its journey ended; and
    how many people there are."""
    codes: dict[str, int] = {}
    columns: list[list[IntArray]] = [[], [], [], [], []]
    people = 0
    async with db.connection() as conn:
        last = await conn.fetchval(QUERIES["training_chunks"], tenant)
        for chunk in range(1, last + 1):
            row = await conn.fetchrow(QUERIES["training_chunk"], tenant, chunk)
            assert row is not None, "chunks are numbered without gaps"
            code = np.array(
                [codes.setdefault(name, len(codes)) for name in row["channels"]], dtype=np.int64
            )
            sizes = np.array(row["sizes"], dtype=np.int64)
            people += row["people"]
            for column, name in zip(columns, ("journeys", "ended_on", "converted"), strict=False):
                column.append(np.repeat(np.array(row[name], dtype=np.int64), sizes))
            if len(code):
                columns[3].append(code[np.array(row["channel"], dtype=np.int64)])
            columns[4].append(np.array(row["age_ms"], dtype=np.int64))
    journey, ended_on, converted, channel, age_ms = (
        np.concatenate([np.zeros(0, dtype=np.int64), *parts]) for parts in columns
    )
    given = TrainingJourneys(
        channels=tuple(codes), journey=journey, channel=channel, age_ms=age_ms,
        converted=converted.astype(np.bool_),
    )  # fmt: skip
    return given, ended_on, people
