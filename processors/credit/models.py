"""The trained model that stands for each conversion of a batch, from the caller's snapshot."""

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
    found: list[DataDrivenModel | None] = [None] * len(conversions)
    tenants = [tenant for tenant, _ in conversions]
    times = [converted_at for _, converted_at in conversions]
    rows = await conn.fetch(QUERIES["models"], list(range(len(conversions))), tenants, times)
    trained = {
        row["place"]: _promotion(tenants[row["place"]], row)
        for row in rows
        if row["version"] != UNTRAINED
    }
    if trained:
        wanted = sorted(set(trained.values()))
        documents = await conn.fetch(QUERIES["documents"], *map(list, zip(*wanted, strict=True)))
        models = {_promotion(row["tenant_id"], row): parse(row["document"]) for row in documents}
        for place, promotion in trained.items():
            found[place] = models[promotion]
    return found


def _promotion(tenant: str, row: Row) -> _Promotion:
    return tenant, row["issued_at"], row["command_id"], row["applies_from"], row["version"]
