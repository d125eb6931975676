"""One tenant's training: read, learn, promote, note. Whatever dies in between, the next run goes on
from the checkpoints and ends the same; they are forgotten in the transaction that notes it."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Literal

from processors.domain.attribution.model_document import UNTRAINED
from processors.engine.postgres import Row
from processors.schedule.store import QUERIES
from processors.schedule.tools import Failed, Tools
from processors.schedule.training.learned import Learned, learn
from processors.schedule.training.plan import Plan
from processors.schedule.training.reading import gathered, plan_of, read_all
from schemas.command import PromoteModel, SetSetting

log = logging.getLogger(__name__)

Promotion = Literal["promoted", "standing", "manual"]
Told = Callable[[str], None]
"""Told, now and then, what a run is at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """A run that came to its end."""

    tenant_id: str
    trained_at: int
    learned: Learned
    promotion: Promotion | None = None
    plan: Plan | None = None
    people: int = 0
    touches: int = 0

    def summary(self) -> dict[str, Any]:
        """For the run's detail, and for a person."""
        own = self.learned
        return {
            "tenant_id": self.tenant_id, "state": own.state, "reason": own.reason,
            "version": own.version, "promotion": self.promotion, "people": self.people,
            "touches": self.touches, "journeys": own.journeys, "conversions": own.conversions,
        }  # fmt: skip


async def train_tenant(tools: Tools, tenant: str, *, tell: Told = lambda _: None) -> Training:
    """Train one tenant's model and, where its settings say so, promote it.

    Raises:
        Failed: when another process is at the same tenant.
    """
    async with _alone(tools, tenant):
        now, settings = tools.clock(), tools.settings
        plan = await plan_of(
            tools.db, tenant, now=now, days=settings.training_days, most=settings.training_touches
        )
        if plan is None:
            nothing = Learned(state="insufficient_data", reason="no touch has been seen")
            made = Training(tenant_id=tenant, trained_at=now, learned=nothing)
        else:
            made = await _train(tools, tenant, plan, now, tell)
        await _note(tools, made)
    log.info("trained", extra={"tenant": tenant, "state": made.learned.state})
    return made


async def _train(tools: Tools, tenant: str, plan: Plan, now: int, tell: Told) -> Training:
    plan = await read_all(
        tools.db, tenant, plan, at_once=tools.settings.training_people,
        tell=lambda people, touches: tell(f"read {people:,} people, {touches:,} touches"),
    )  # fmt: skip
    given, ended_on, people = await gathered(tools.db, tenant)
    tell(f"learning from {len(given.journey):,} touches")
    # A thread, so that the loop goes on proving that this process leads.
    learned = await asyncio.to_thread(learn, given, ended_on)
    async with tools.db.connection() as conn:
        wanted = await conn.fetchrow(QUERIES["training_settings"], tenant)
        standing = await conn.fetchval(QUERIES["standing_model"], tenant)
    assert wanted is not None, "the view has a row for every tenant"
    promotion = await _promote(tools, tenant, learned, wanted, standing or UNTRAINED)
    await _set_half_life(tools, tenant, learned, wanted)
    return Training(
        tenant_id=tenant,
        trained_at=now,
        learned=learned,
        promotion=promotion,
        plan=plan,
        people=people,
        touches=len(given.journey),
    )


async def _promote(
    tools: Tools, tenant: str, learned: Learned, wanted: Row, standing: str
) -> Promotion | None:
    """Put the model on the log, unless it stands there already or an operator is to do it."""
    if learned.document is None:
        return None
    if learned.version == standing:
        return "standing"
    if wanted["model_promotion"] == "manual":
        return "manual"
    since = 0 if wanted["restate_on_promotion"] else tools.clock()
    await tools.ask(tenant, [PromoteModel(document=learned.document, applies_from=since)])
    return "promoted"


async def _set_half_life(tools: Tools, tenant: str, learned: Learned, wanted: Row) -> None:
    """Put the fitted half-life on the log, if the tenant wants it and has another."""
    days = learned.half_life_days
    if days is None or wanted["half_life_fit"] != "automatic" or days == wanted["half_life_days"]:
        return
    await tools.ask(tenant, [SetSetting(key="half_life_days", value=f"{days:.2f}")])


async def _note(tools: Tools, made: Training) -> None:
    own, plan = made.learned, made.plan
    async with tools.db.transaction() as conn:
        await conn.execute(
            QUERIES["note_training"], made.tenant_id, made.trained_at, own.state, own.reason,
            made.promotion, own.version, own.document, plan and plan.since, plan and plan.until,
            plan and plan.one_in, made.people, made.touches, own.journeys, own.conversions,
            _json(own.metrics), _json(own.channels), _json(own.half_life), _json(own.removal),
        )  # fmt: skip
        if plan is not None:
            await conn.execute(QUERIES["forget_transitions"], made.tenant_id)
            columns = [list(column) for column in zip(*own.transitions, strict=True)]
            if columns:
                await conn.execute(QUERIES["put_transitions"], made.tenant_id, *columns)
        await conn.execute(QUERIES["forget_training"], made.tenant_id)


def _json(value: object) -> str | None:
    return None if value is None else json.dumps(value)


async def note_failure(tools: Tools, tenant: str, why: str) -> None:
    """A training that broke off is in the view, too; the next begins anew."""
    failed = Learned(state="failed", reason=why)
    async with tools.db.transaction() as conn:
        await conn.execute(
            QUERIES["note_training"], tenant, tools.clock(), failed.state, failed.reason,
            *[None] * 14,
        )  # fmt: skip
        await conn.execute(QUERIES["forget_training"], tenant)


@asynccontextmanager
async def _alone(tools: Tools, tenant: str) -> AsyncIterator[None]:
    """Hold the tenant's lock of trainings, which ends with the connection that holds it."""
    async with tools.db.connection() as conn:
        if not await conn.fetchval(QUERIES["lock_training"], tenant):
            raise Failed("another process trains it", {"tenant_id": tenant})
        try:
            yield
        finally:
            await conn.execute(QUERIES["unlock_training"], tenant)
