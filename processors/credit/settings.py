"""The settings of tenants, as credit takes them; what a value means is told by the database."""

import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final

import sql
from processors.credit.snapshot import TenantSettings
from processors.domain.attribution import CreditSettings, custom_document
from processors.domain.local_days import local_date
from processors.engine.postgres import Connection, Row

QUERIES: Final = sql.load("credit")
DEFAULT: Final = TenantSettings()

_NONE: Final[Mapping[str, str]] = MappingProxyType({})


async def read_settings(
    conn: Connection, tenants: Iterable[str], *, others: Mapping[str, str] = _NONE
) -> dict[str, TenantSettings]:
    """What holds for each tenant, or would hold if it had `others` instead of its own of the same
    keys; unknown ones are absent."""
    rows = await conn.fetch(QUERIES["settings"], sorted(tenants), json.dumps(dict(others)))
    return {row["tenant_id"]: _tenant(row) for row in rows}


def _tenant(row: Row) -> TenantSettings:
    custom = row["custom_model"]
    return TenantSettings(
        time_zone=usable_zone(row["time_zone"]),
        currency=row["currency"],
        credit=CreditSettings(
            half_life_days=row["half_life_days"],
            attribution_mode=row["attribution_mode"],
            view_window_days=row["view_window_days"],
            max_touches=row["max_touches"],
            lookback_days=row["lookback_days"],
            custom=None if custom is None else custom_document.model(custom),
            bots=row["bot_policy"] == "keep",
        ),
        version=row["settings_version"],
    )


@lru_cache(maxsize=1024)
def usable_zone(name: str) -> str:
    """Only Python knows which zones it has; one that it has not is the default."""
    try:
        local_date(0, name)
    except ValueError:
        return DEFAULT.time_zone
    return name
