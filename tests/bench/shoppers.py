"""What benches of a whole stack send: touches and orders of twenty thousand visitors."""

import asyncio
from typing import Any, Final

import httpx

from tests.bench.identity import AGENT, URLS

VISITORS: Final = 20_000
_LATER: Final = (429, 503)


def touch(event_id: str, n: int, now: int) -> dict[str, Any]:
    """The nth; one in twenty carries its customer."""
    found: dict[str, Any] = {
        "event_id": event_id,
        "visitor_id": f"visitor-{n % VISITORS}",
        "occurred_at": now,
        "url": URLS[n % len(URLS)],
        "user_agent": AGENT,
    }
    if n % 20 == 0:
        found["identifiers"] = {"customer_id": f"customer-{n % VISITORS}"}
    return found


def order(order_id: str, n: int, now: int) -> dict[str, Any]:
    """Of the nth visitor."""
    return {
        "order_id": order_id,
        "visitor_id": f"visitor-{n % VISITORS}",
        "ordered_at": now,
        "revenue": "129.90",
        "currency": "USD",
    }


async def post(
    client: httpx.AsyncClient, path: str, items: list[dict[str, Any]], **headers: str
) -> None:
    """Until the gateway takes it."""
    while True:
        answer = await client.post(path, json=items, headers=headers)
        if answer.status_code not in _LATER:
            answer.raise_for_status()
            return
        await asyncio.sleep(float(answer.headers.get("retry-after", "1")))
