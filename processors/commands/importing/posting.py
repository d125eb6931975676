"""Batches of rows to the gateway: what it said of each, and patience while it cannot take them."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import httpx
import orjson

from processors.commands.operator import Refused
from processors.engine.files import Row

PATHS: Final = {"touches": "/v1/touchpoints", "orders": "/v1/orders", "spend": "/v1/spend"}
_AGAIN: Final = frozenset({408, 429, 502, 503, 504})
_TIMEOUT_SECONDS: Final = 60.0
_FIRST_DELAY_SECONDS: Final = 0.5
_LONGEST_DELAY_SECONDS: Final = 10.0
_TAKEN: Final = frozenset({200, 202})


@dataclass(frozen=True, slots=True)
class Fault:
    """A row that was refused."""

    row: Row
    field: str
    error: str


class Away(Exception):
    """The gateway cannot take rows now, however long one waits."""


class Poster:
    """One gateway."""

    def __init__(self, url: str, key: str, *, patience_seconds: float) -> None:
        self._patience_seconds = patience_seconds
        self._client = httpx.AsyncClient(
            base_url=url, timeout=_TIMEOUT_SECONDS, trust_env=False,
            headers={"authorization": f"Bearer {key}", "content-type": "application/json"},
        )  # fmt: skip

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def check(self, kind: str, tenant: str | None) -> None:
        """Ask with an item that nobody would take.

        Raises:
            Refused: when the key is not known, may not post this, or is another tenant's.
            Away: when nobody answers.
        """
        item = {"tenant_id": tenant} if tenant else {}
        answer = await self._ask(PATHS[kind], orjson.dumps([item]))
        for rejected in _document(answer).get("rejected", []):
            if rejected["field"] == "tenant_id":
                raise Refused(f"the key is not one of tenant {tenant}")

    async def post(self, kind: str, rows: Sequence[Row]) -> list[Fault]:
        """Have the rows taken; those that were refused.

        Raises:
            Refused: when the gateway takes nothing from us.
            Away: when it stays away.
        """
        answer = await self._ask(PATHS[kind], orjson.dumps([row.item for row in rows]))
        if answer.status_code == 413 and len(rows) > 1:
            half = len(rows) // 2
            return [*await self.post(kind, rows[:half]), *await self.post(kind, rows[half:])]
        said = _document(answer)
        if "rejected" in said:
            return [Fault(rows[r["index"]], r["field"], r["error"]) for r in said["rejected"]]
        if answer.status_code in _TAKEN:
            return []
        return [Fault(row, "", str(said.get("detail", answer.status_code))) for row in rows]

    async def _ask(self, path: str, body: bytes) -> httpx.Response:
        deadline = asyncio.get_running_loop().time() + self._patience_seconds
        delay = _FIRST_DELAY_SECONDS
        while True:
            try:
                answer = await self._client.post(path, content=body)
                problem = f"the gateway answers {answer.status_code}"
            except httpx.TransportError as error:
                answer, problem = None, f"the gateway does not answer ({type(error).__name__})"
            if answer is not None and answer.status_code in (401, 403):
                raise Refused(f"the gateway: {_document(answer).get('detail', 'no')}; see --key")
            if answer is not None and answer.status_code not in _AGAIN:
                if answer.status_code >= 500:
                    raise Away(problem)
                return answer
            if asyncio.get_running_loop().time() + delay > deadline:
                raise Away(problem)
            await asyncio.sleep(delay)
            delay = min(delay * 2, _LONGEST_DELAY_SECONDS)


def _document(answer: httpx.Response) -> dict[str, Any]:
    try:
        found = orjson.loads(answer.content)
    except orjson.JSONDecodeError:
        return {}
    return found if type(found) is dict else {}
