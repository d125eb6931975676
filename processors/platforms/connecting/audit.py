"""Who connected what, in the audit log."""

import json
from typing import Any, Final

import sql
from processors.engine.postgres import Connection
from processors.platforms.connecting.state import Whose

QUERIES: Final = sql.load("operator")


async def note(conn: Connection, whose: Whose, action: str, **told: Any) -> None:
    """Write it down in the caller's transaction; `told` has no secrets."""
    detail = json.dumps({"platform": whose.platform, "by": whose.user, **told})
    await conn.execute(QUERIES["audit"], whose.tenant, action, detail)
