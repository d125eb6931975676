"""A shop's Admin API: `orders.json` with cursors in the Link header and the leaky bucket.

Rows come by `/_sim/rows`: {"token": T, "orders": [...], "bucket": 40, "leak_per_second": 2}.
"""

import base64
import json
import time
from datetime import datetime
from typing import Any, Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from deploy.simulators.listing import Listing

_BUCKET: Final = 40
_LEAK_PER_SECOND: Final = 2.0
_MOST: Final = 250


class _Shop:
    """The orders behind one token."""

    def __init__(self) -> None:
        self.orders: dict[int, dict[str, Any]] = {}
        self.bucket, self.leak = _BUCKET, _LEAK_PER_SECOND
        self._level, self._at = 0.0, time.monotonic()

    def wait_seconds(self) -> float:
        """0 when the request fits into the bucket."""
        now = time.monotonic()
        self._level = max(0.0, self._level - (now - self._at) * self.leak)
        self._at = now
        if self._level + 1 > self.bucket:
            return (self._level + 1 - self.bucket) / self.leak
        self._level += 1
        return 0.0

    @property
    def used(self) -> str:
        return f"{int(self._level)}/{self.bucket}"


class _Admin:
    """Every shop, by its token."""

    def __init__(self) -> None:
        self._shops: dict[str, _Shop] = {}

    def told(self, given: dict[str, Any]) -> None:
        shop = self._shops.setdefault(given["token"], _Shop())
        shop.bucket = given.get("bucket", shop.bucket)
        shop.leak = given.get("leak_per_second", shop.leak)
        for order in given.get("orders", []):
            shop.orders[order["id"]] = order

    def answer(self, request: Request) -> Response:
        shop = self._shops.get(request.headers.get("x-shopify-access-token", ""))
        if shop is None:
            said = "[API] Invalid API key or access token (unrecognized login or wrong password)"
            return JSONResponse({"errors": said}, 401)
        if wait := shop.wait_seconds():
            return JSONResponse(
                {"errors": "Exceeded calls per second for api client."},
                429,
                headers={"retry-after": f"{wait:.2f}"},
            )
        try:
            page, link = self._page(shop, request)
        except (ValueError, KeyError) as error:
            return JSONResponse({"errors": {"base": [str(error)]}}, 400)
        headers = {"x-shopify-shop-api-call-limit": shop.used}
        if link:
            headers["link"] = link
        return JSONResponse({"orders": page}, headers=headers)

    def _page(self, shop: _Shop, request: Request) -> tuple[list[dict[str, Any]], str | None]:
        asked = dict(request.query_params)
        limit = int(asked.pop("limit", "50"))
        if not 1 <= limit <= _MOST:
            raise ValueError("limit must be from 1 to 250")
        if "page_info" in asked:
            if len(asked) > 1:
                raise ValueError("Invalid value for page_info: no other parameter than limit")
            asked = json.loads(base64.urlsafe_b64decode(asked["page_info"]))
        rows = sorted(_matching(shop, asked), key=lambda order: -int(order["id"]))
        below = int(asked["below"]) if "below" in asked else None
        rows = [order for order in rows if below is None or order["id"] < below]
        page = rows[:limit]
        if len(rows) <= limit:
            return page, None
        cursor = json.dumps({**asked, "below": page[-1]["id"]}).encode()
        info = base64.urlsafe_b64encode(cursor).decode()
        url = str(request.url.replace(query=f"limit={limit}&page_info={info}"))
        return page, f'<{url}>; rel="next"'


def _matching(shop: _Shop, asked: dict[str, Any]) -> list[dict[str, Any]]:
    """Open orders alone, unless any status is asked for."""
    low, high = _time(asked.get("updated_at_min")), _time(asked.get("updated_at_max"))
    found = []
    for order in shop.orders.values():
        at = datetime.fromisoformat(order["updated_at"])
        fits = (low is None or at >= low) and (high is None or at <= high)
        if fits and (asked.get("status") == "any" or not order.get("cancelled_at")):
            found.append(order)
    return found


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def application() -> Starlette:
    """The server; it begins without shops."""
    admin = _Admin()
    path = "/admin/api/{version}/orders.json"
    return Listing(path=path, answer=admin.answer, told=admin.told).application
