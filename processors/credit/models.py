"""The trained model that stands for each conversion of a batch, from the caller's snapshot."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

import sql
from processors.domain.attribution.model_document import UNTRAINED, DataDrivenModel, parse
from processors.engine.postgres import Connection, Row

QUERIES: Final = sql.load("credit")

_Promotion = tuple[str, int, str, int, str]
"""(tenant, issued at, command, applies from, version): the key of a promotion."""


async def standing(
    conn: Connection, conversions: Sequence[tuple[str, int]]
) -> list[DataDrivenModel | None]:
    """The model of each (tenant, converted_at in epoch milliseconds), or None for the fallback.

    Of the promotions that reach a conversion the latest stands. Documents are parsed once a text.
    """
    tenants = sorted({tenant for tenant, _ in conversions})
    latest: dict[str, list[_Promotion]] = defaultdict(list)
    for row in await conn.fetch(QUERIES["models"], tenants):
        latest[row["tenant_id"]].append(_promotion(row))
    chosen = [_reaching(latest[tenant], converted_at) for tenant, converted_at in conversions]
    wanted = sorted({promotion for promotion in chosen if promotion is not None})
    models: dict[_Promotion | None, DataDrivenModel] = {}
    if wanted:
        rows = await conn.fetch(QUERIES["documents"], *map(list, zip(*wanted, strict=True)))
        models = {_promotion(row): parse(row["document"]) for row in rows}
    return [models.get(promotion) for promotion in chosen]


def _reaching(latest_first: Sequence[_Promotion], converted_at: int) -> _Promotion | None:
    """The promotion that stands, unless it is one back to the fallback."""
    for promotion in latest_first:
        *_, applies_from, version = promotion
        if applies_from <= converted_at:
            return None if version == UNTRAINED else promotion
    return None


def _promotion(row: Row) -> _Promotion:
    key = row["issued_at"], row["command_id"], row["applies_from"], row["version"]
    return row["tenant_id"], *key
