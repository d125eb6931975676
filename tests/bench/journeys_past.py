"""A year of one shop's journeys in the tables, as identity and summary would have left them.

Ten touches a conversion: about four lie on its path, the others are of people who have not bought.
Channels are as uneven as a shop's, and a third of the touches repeat the channel before. The long
rows of credit are there for the newest conversions only: no view reads more than a page of them.
"""

import hashlib
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

import asyncpg

from processors.domain.attribution.models import WINDOW_DAYS
from processors.summary.arrays import integers
from processors.summary.journeys import (
    Walk,
    deltas,
    path,
    seconds_to_convert,
    steps,
    window_firsts,
)
from tests.bench.population import Tell, fill

TENANT: Final = "bench"
TOUCHES_A_CONVERSION: Final = 10
BEGAN: Final = datetime(2025, 1, 1, tzinfo=UTC)
DAYS: Final = 365
LONG_ROWS: Final = 20_000

_CHANNELS: Final = (
    ("direct", "none", 30.0), ("organic_search", "google", 18.0), ("email", "klaviyo", 14.0),
    ("paid_search", "google", 12.0), ("paid_social", "meta", 10.0), ("referral", "other", 6.0),
    ("organic_social", "meta", 4.0), ("affiliate", "affiliate", 2.0), ("sms", "klaviyo", 1.5),
    ("display", "google", 1.0), ("paid_shopping", "google", 1.0), ("influencer", "other", 0.5),
)  # fmt: skip
_PLATFORM: Final = {channel: platform for channel, platform, _ in _CHANNELS}
_LIMITS: Final = [days * 86_400 for days in WINDOW_DAYS.values()]


@dataclass(frozen=True, slots=True)
class Bought:
    """A conversion and its touches, (epoch seconds, channel), oldest first."""

    number: int
    at: int
    revenue: int
    touches: list[tuple[int, str]]

    @property
    def id(self) -> str:
        return hashlib.md5(f"c{self.number}".encode()).hexdigest()

    @property
    def date(self) -> date:
        return (BEGAN + timedelta(seconds=self.at - int(BEGAN.timestamp()))).date()

    @property
    def first_windows(self) -> list[int]:
        return [
            next(n for n, limit in enumerate(_LIMITS) if self.at - at <= limit)
            for at, _ in self.touches
        ]

    @property
    def walk(self) -> Walk:
        firsts = window_firsts(self.first_windows)
        times: list[int | None] = [at * 1000 for at, _ in self.touches]
        return Walk(
            tenant_id=TENANT, shard=self.number % 6, date=self.date, revenue=self.revenue,
            channels=[channel for _, channel in self.touches], firsts=firsts,
            seconds=seconds_to_convert(self.at * 1000, times, firsts),
        )  # fmt: skip


def bought(conversions: int) -> Iterator[Bought]:
    """In the order of time; the same every time."""
    rng = random.Random(1)
    pool = rng.choices([c for c, *_ in _CHANNELS], [share for *_, share in _CHANNELS], k=1 << 18)
    step = DAYS * 86_400 / conversions
    for number in range(conversions):
        at = int(BEGAN.timestamp() + number * step)
        count = 0 if rng.random() < 0.08 else min(60, 1 + int(rng.expovariate(1 / 3.2)))
        yield Bought(number, at, rng.randrange(1_000, 30_000), _way(rng, pool, at, count))


def _way(rng: random.Random, pool: list[str], end: int, count: int) -> list[tuple[int, str]]:
    ages = sorted((min(31_000_000, int(rng.expovariate(1e-6))) for _ in range(count)), reverse=True)
    touches: list[tuple[int, str]] = []
    for age in ages:
        again = touches and rng.random() < 0.3
        channel = touches[-1][1] if again else pool[rng.randrange(len(pool))]
        touches.append((end - age, channel))
    return touches


async def load(dsn: str, conversions: int, *, tell: Tell) -> None:
    """Fill a fresh, migrated database."""
    conn = await asyncpg.connect(dsn)
    try:
        await conn.execute("SET synchronous_commit = off")
        await conn.execute("SET maintenance_work_mem = '512MB'")
        await conn.execute("INSERT INTO tenants (tenant_id) VALUES ($1)", TENANT)
        for table, (columns, rows, count) in _tables(conversions).items():
            await fill(conn, table, columns.split(), rows, count=count, tell=tell)
        await conn.execute("VACUUM (ANALYZE)")
        await conn.execute("CHECKPOINT")
    finally:
        await conn.close()


def _tables(conversions: int) -> dict[str, tuple[str, Iterator[str], int]]:
    touches = conversions * TOUCHES_A_CONVERSION
    return {
        "attribution_touchpoints": (
            "tenant_id touchpoint_id event_id anchor visitor_id occurred_at received_at late"
            " touchpoint_type channel platform campaign rules_version url device_type content_hash",
            _touchpoints(conversions), touches,
        ),
        "identity_nodes": (
            "tenant_id node person_id quarantined", _nodes(conversions), touches // 3,
        ),
        "conversions": (
            "tenant_id conversion_id source order_id visitor_id person_id currency gross refunded"
            " net converted_at status state deliverable folded",
            _conversions(conversions), conversions,
        ),
        "journeys": (
            "converted_at revenue date counts tenant_id conversion_id path steps touches seconds"
            " path_starts steps_starts",
            _journeys(conversions), conversions,
        ),
        "journey_cells": (
            "tenant_id date kind key shard conversions revenue", _cells(conversions), DAYS * 300,
        ),
        "credit_rows": (
            "tenant_id conversion_id model_version fallback_models state counts date currency"
            " reporting_currency revenue revenue_reporting touchpoint_ids touch_dates channels"
            " platforms campaigns first_windows credit touch_revenue",
            _credit_rows(conversions), LONG_ROWS,
        ),
    }  # fmt: skip


def _people(conversions: int) -> Iterator[tuple[str, list[tuple[int, str]]]]:
    """Every visitor with its touches: those who bought, and after each some who did not, until
    there are ten touches a conversion."""
    rng = random.Random(2)
    pool = [c for c, _, share in _CHANNELS for _ in range(int(share * 2))]
    left = others = 0
    for own in bought(conversions):
        yield f"b{own.number}", own.touches
        left += TOUCHES_A_CONVERSION - len(own.touches)
        while left > 0:
            count = min(left, 1 + int(rng.expovariate(1 / 3.2)))
            yield f"o{others}", _way(rng, pool, own.at, count)
            left, others = left - count, others + 1


def _moment(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S}+00"


def _touch_id(visitor: str, place: int) -> str:
    return hashlib.md5(f"{visitor}-{place}".encode()).hexdigest()


def _touchpoints(conversions: int) -> Iterator[str]:
    for visitor, touches in _people(conversions):
        for place, (seconds, channel) in enumerate(touches):
            at = _moment(seconds)
            yield (
                f"{TENANT}\t{_touch_id(visitor, place)}\t{visitor}-{place}\tvisitor:{visitor}\t"
                f"{visitor}\t{at}\t{at}\tf\tclick\t{channel}\t{_PLATFORM[channel]}\t\t1\t"
                f"https://shop.example/hats\tdesktop\th\n"
            )


def _nodes(conversions: int) -> Iterator[str]:
    for visitor, _ in _people(conversions):
        yield f"{TENANT}\tvisitor:{visitor}\tvisitor:{visitor}\tf\n"


def _conversions(conversions: int) -> Iterator[str]:
    for own in bought(conversions):
        visitor = f"b{own.number}"
        yield (
            f"{TENANT}\t{own.id}\tapi\t{own.number}\t{visitor}\tvisitor:{visitor}\tUSD\t"
            f"{own.revenue}\t0\t{own.revenue}\t{_moment(own.at)}\tpaid\tready\tt\t{{}}\n"
        )


def _journeys(conversions: int) -> Iterator[str]:
    for own in bought(conversions):
        walk = own.walk
        whole, once = path(walk.channels, walk.firsts), steps(walk.channels, walk.firsts)
        counts = integers([len(walk.channels) - first for first in walk.firsts])
        yield (
            f"{_moment(own.at)}\t{own.revenue}\t{own.date}\tt\t{TENANT}\t{own.id}\t{whole.text}\t"
            f"{once.text}\t{counts}\t{integers(walk.seconds)}\t{integers(whole.starts)}\t"
            f"{integers(once.starts)}\n"
        )


def _cells(conversions: int) -> Iterator[str]:
    for cell, pair in deltas((1, own.walk) for own in bought(conversions)).items():
        yield "\t".join([*map(str, cell), *map(integers, pair)]) + "\n"


def _credit_rows(conversions: int) -> Iterator[str]:
    """Linear credit under every model: what is in the cells does not matter here."""
    for own in bought(conversions):
        if own.number < conversions - LONG_ROWS:
            continue
        count = len(own.touches)
        ids = ",".join(_touch_id(f"b{own.number}", place) for place in range(count))
        dates = ",".join(_moment(at)[:10] for at, _ in own.touches)
        channels = ",".join(channel for _, channel in own.touches)
        platforms = ",".join(_PLATFORM[channel] for _, channel in own.touches)
        state = "ready" if count else "unattributed"
        yield (
            f"{TENANT}\t{own.id}\tuntrained\t{{data_driven}}\t{state}\tt\t{own.date}\tUSD\tUSD\t"
            f"{own.revenue}\t{own.revenue}\t{{{ids}}}\t{{{dates}}}\t{{{channels}}}\t"
            f"{{{platforms}}}\t{{{','.join(['spring'] * count)}}}\t{integers(own.first_windows)}\t"
            f"{integers([10**9 // max(1, count)] * 56 * count)}\t"
            f"{integers([own.revenue // max(1, count)] * 56 * count)}\n"
        )
