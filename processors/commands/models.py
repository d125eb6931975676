"""`model train`, `list`, `show`, `promote`, `revert`: a tenant's trained data_driven model.

What trainings found and what was promoted is read from the tables; a promotion is a command of
the log, as one that training asks for is."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

import sql
from processors.commands.jobs import moment, tools
from processors.commands.operator import Refused, database
from processors.domain.attribution.model_document import MICRO, UNTRAINED, parse
from processors.engine.postgres import Connection, Row
from processors.schedule.tools import Failed
from processors.schedule.training.run import train_tenant
from schemas.command import PromoteModel

QUERIES: Final = sql.load("operator")
SHOWN: Final = 20
"""Trainings that a list has."""

Shown = dict[str, Any]


async def train(tenant: str, tell: Callable[[str], None]) -> Shown:
    """Train now and, where the tenant's settings say so, promote; returns what came out.

    Raises:
        Refused: for a tenant that is not there, or one that another process trains.
    """
    async with _of(tenant):
        pass
    async with tools() as given:
        try:
            return (await train_tenant(given, tenant, tell=tell)).summary()
        except Failed as error:
            raise Refused(f"{tenant}: {error}") from None


async def listed(tenant: str) -> Shown:
    """Promotions and the latest trainings, newest first.

    Raises:
        Refused: for a tenant that is not there.
    """
    async with _of(tenant) as conn:
        promotions = await conn.fetch(QUERIES["model_promotions"], tenant)
        trainings = await conn.fetch(QUERIES["model_trainings"], tenant, SHOWN)
    return {
        "tenant_id": tenant,
        "promotions": [_plain(row) for row in promotions],
        "trainings": [_plain(row) for row in trainings],
    }


async def shown(tenant: str, version: str | None) -> Shown:
    """A model's coefficients and, if it was trained here, how it was trained; without a version
    the one that stands, else the latest.

    Raises:
        Refused: for a tenant or a model that is not there.
    """
    async with _of(tenant) as conn:
        if version is None:
            version = await conn.fetchval(QUERIES["model_standing"], tenant)
        if version in (None, UNTRAINED):
            version = await conn.fetchval(QUERIES["model_latest"], tenant)
        if version is None:
            raise Refused(f"{tenant} has no model yet: attributary model list {tenant} says why")
        document = await document_of(conn, tenant, version)
        row = await conn.fetchrow(QUERIES["model_training"], tenant, version)
    training = None if row is None else _plain(row)
    if training is not None:
        del training["document"]
        for name in ("calibration", "channels"):
            training[name] = json.loads(training[name])
    return {"tenant_id": tenant, "version": version, "training": training, **_logits(document)}


async def promote(tenant: str, version: str, *, since: str | None) -> Shown:
    """Let a model credit the conversions since a date, or all.

    Raises:
        Refused: for a tenant or a model that is not there, or a date that is none.
    """
    applies_from = 0 if since is None else moment(since)
    async with _of(tenant) as conn:
        document = await document_of(conn, tenant, version)
    return await _ask(tenant, version, PromoteModel(document=document, applies_from=applies_from))


async def revert(tenant: str, *, since: str | None) -> Shown:
    """Take the conversions since a date, or all, back to the untrained fallback.

    Raises:
        Refused: for a tenant that is not there, or a date that is none.
    """
    applies_from = 0 if since is None else moment(since)
    async with _of(tenant):
        pass
    return await _ask(tenant, UNTRAINED, PromoteModel(document="", applies_from=applies_from))


async def _ask(tenant: str, version: str, body: PromoteModel) -> Shown:
    asked = {"tenant_id": tenant, "version": version, "applies_from": body.applies_from}
    async with tools() as given:
        async with given.db.connection() as conn:
            await conn.execute(QUERIES["audit"], tenant, "model", json.dumps(asked))
        await given.ask(tenant, [body])
    return asked


@asynccontextmanager
async def _of(tenant: str) -> AsyncIterator[Connection]:
    async with database() as db, db.connection() as conn:
        if await conn.fetchval(QUERIES["tenant"], tenant) is None:
            raise Refused(f"there is no tenant {tenant}: tenant add {tenant}")
        yield conn


async def document_of(conn: Connection, tenant: str, version: str) -> str:
    """The document of a model that was trained for the tenant, or promoted.

    Raises:
        Refused: for a model that is not there.
    """
    found = await conn.fetchval(QUERIES["model_document"], tenant, version)
    if found is None:
        raise Refused(f"{tenant} has no model {version}: attributary model list {tenant}")
    return str(found)


def _logits(document: str) -> Shown:
    """Effects in logits, by channel and the age of a touch."""
    model = parse(document)
    ages = [f"up to {days} d" for days in model.recency_days] + ["older"]
    return {
        "saturation": model.saturation,
        "intercept": model.intercept / MICRO,
        "effects": {
            channel: {age: effect / MICRO for age, effect in zip(ages, effects, strict=True)}
            for channel, effects in model.effects.items()
        },
        "document": document,
    }


def _plain(row: Row) -> Shown:
    return {name: _said(value) for name, value in row.items()}


def _said(value: Any) -> Any:
    match value:
        case datetime() | date():
            return value.isoformat()
        case Decimal():
            return float(value)
        case _:
            return value
