"""How many records wait in the gateways' spools, as each gateway's `/metrics` tells.

A gateway that does not answer may hold records that only it knows of, so its spool is unknown,
which is not the same as empty.
"""

import re
from collections.abc import Sequence
from typing import Final

import httpx

_SECONDS: Final = 3.0
_GAUGE: Final = re.compile(r"^attributary_spool_records(?:\{[^}]*\})? +(\S+)$", re.MULTILINE)


async def spooled(gateways: Sequence[str]) -> dict[str, int | None]:
    """Records in the spool of each gateway; None for one that does not tell."""
    async with httpx.AsyncClient(timeout=_SECONDS, trust_env=False) as client:
        return {url: await _ask(client, url) for url in gateways}


def empty(spools: dict[str, int | None]) -> bool:
    """Whether every gateway says that its spool is empty."""
    return all(waiting == 0 for waiting in spools.values())


async def _ask(client: httpx.AsyncClient, url: str) -> int | None:
    try:
        answer = await client.get(f"{url.rstrip('/')}/metrics")
    except httpx.HTTPError:
        return None
    found = _GAUGE.findall(answer.text) if answer.status_code == httpx.codes.OK else []
    return int(sum(float(value) for value in found)) if found else None
