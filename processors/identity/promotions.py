"""Promotions of trained models: a set that only grows, since each conversion has its own latest
one (`applies_from`). The conversions that one may reach are looked for later, by their time."""

from collections.abc import Mapping

import sql
from processors.engine.postgres import Connection
from schemas.command import PromoteModel

QUERIES = sql.load("identity")

Promotion = tuple[PromoteModel, tuple[int, str]]


async def write(
    conn: Connection, promotions: Mapping[tuple[str, ...], Promotion]
) -> set[tuple[str, ...]]:
    """Insert them; the keys of those that are new."""
    if not promotions:
        return set()
    rows = [
        (tenant, *stamp, body.applies_from, version, body.model, body.document)
        for (tenant, *_, version), (body, stamp) in sorted(promotions.items(), key=_key)
    ]
    new = await conn.fetch(QUERIES["insert_models"], *map(list, zip(*rows, strict=True)))
    return {tuple(row.values()) for row in new}


def _key(item: tuple[tuple[str, ...], Promotion]) -> tuple[str, ...]:
    return item[0]
