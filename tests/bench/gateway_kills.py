"""`python -m tests.bench gateway-kills`: SIGKILL of the gateway and of the broker under load, and
what the log has of what was promised. Rounds of each by ATTRIBUTARY_BENCH_KILLS, else twenty."""

import tempfile
import uuid
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from tests.integration.gateway.killing import Verdict, kill_broker, kill_gateway
from tests.support.databases import Databases

ROUNDS: Final = 20


async def run(
    databases: Databases, bootstrap: str, *, rounds: int, tell: Callable[[str], Any]
) -> list[dict[str, Any]]:
    """One row for the gateway, one for the broker."""
    rows = []
    for case, kill in (("gateway killed", kill_gateway), ("broker killed", kill_broker)):
        prefix = f"kill{uuid.uuid4().hex[:8]}."
        more: dict[str, Any] = {"bootstrap": bootstrap} if kill is kill_gateway else {}
        with tempfile.TemporaryDirectory() as folder:
            async with databases.fresh() as dsn:
                verdict: Verdict = await kill(
                    dsn=dsn, prefix=prefix, folder=Path(folder), rounds=rounds, tell=tell, **more
                )
        tell(str(verdict))
        rows.append({"stage": "gateway-kills", "case": case, **asdict(verdict)})
    return rows
