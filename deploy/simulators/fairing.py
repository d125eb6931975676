"""Fairing's `GET /responses`: newest first, cursors both ways, the bare token, 100 a minute.

Rows come by `/_sim/rows`: {"token": T, "responses": [...], "per_minute": 100}.
"""

import time
from collections import deque
from datetime import datetime
from typing import Any, Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from deploy.simulators.listing import Listing

_PER_MINUTE: Final = 100
_MOST: Final = 1_000
_MINUTE_SECONDS: Final = 60.0


class _Store:
    """Responses in the order in which they were inserted."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[str, Any]] = {}
        self.per_minute = _PER_MINUTE
        self._asked: deque[float] = deque()

    def wait_seconds(self) -> float:
        """0 when the request is within the limit."""
        now = time.monotonic()
        while self._asked and now - self._asked[0] >= _MINUTE_SECONDS:
            self._asked.popleft()
        if len(self._asked) >= self.per_minute:
            return _MINUTE_SECONDS - (now - self._asked[0])
        self._asked.append(now)
        return 0.0


class _Api:
    """Every store, by its token."""

    def __init__(self) -> None:
        self._stores: dict[str, _Store] = {}

    def told(self, given: dict[str, Any]) -> None:
        store = self._stores.setdefault(given["token"], _Store())
        store.per_minute = given.get("per_minute", store.per_minute)
        for row in given.get("responses", []):
            store.rows[row["id"]] = {**store.rows.get(row["id"], {}), **row}

    def answer(self, request: Request) -> Response:
        store = self._stores.get(request.headers.get("authorization", ""))
        if store is None:
            return JSONResponse({"message": "Unauthorized", "status": 401}, 401)
        if wait := store.wait_seconds():
            return JSONResponse(
                {"message": "Too many requests", "status": 429},
                429,
                headers={"retry-after": str(int(wait) + 1)},
            )
        try:
            return JSONResponse(_page(store, request))
        except ValueError as error:
            return JSONResponse({"message": str(error), "status": 400}, 400)


def _page(store: _Store, request: Request) -> dict[str, Any]:
    asked = dict(request.query_params)
    limit = min(int(asked.get("limit", "100")), _MOST)
    rows = [row for row in reversed(store.rows.values()) if _within(row, asked)]
    names = [row["id"] for row in reversed(store.rows.values())]
    for side in ("before", "after"):
        if side in asked and asked[side] not in store.rows:
            raise ValueError(f"{side}: no such response")
    if "before" in asked:  # the rows that are next to the cursor on its newer side
        newer = rows[: names.index(asked["before"])] if not _dated(asked) else []
        page = newer[-limit:]
        older = page[-1]["id"] if page else None
    else:
        if "after" in asked:
            cut = names.index(asked["after"])
            rows = [row for row in rows if names.index(row["id"]) > cut]
        page = rows[:limit]
        older = page[-1]["id"] if len(rows) > limit else None
    return {"data": page, "next": _link(request, older), "prev": None}


def _link(request: Request, after: str | None) -> str | None:
    if after is None:
        return None
    return str(request.url.include_query_params(after=after).remove_query_params("before"))


def _dated(asked: dict[str, str]) -> bool:
    return "since" in asked or "until" in asked


def _within(row: dict[str, Any], asked: dict[str, str]) -> bool:
    at = datetime.fromisoformat(row["response_provided_at"])
    low, high = asked.get("since"), asked.get("until")
    return (low is None or at >= datetime.fromisoformat(low)) and (
        high is None or at <= datetime.fromisoformat(high)
    )


def application() -> Starlette:
    """The server; it begins without stores."""
    api = _Api()
    return Listing(path="/responses", answer=api.answer, told=api.told).application
