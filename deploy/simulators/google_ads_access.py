"""Whom a token speaks for at Google, and how often a customer may ask."""

import time
from collections import deque
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from deploy.simulators.token_shop import TokenShop

LASTS_SECONDS: Final = 3_599
MINUTE: Final = 60.0


class Access:
    """Google gives out no tokens by hand: all were bought."""

    def __init__(self) -> None:
        self._shop = TokenShop(lasts_seconds=LASTS_SECONDS, basic=False, refused=_refused)
        self._revoked: set[str] = set()
        self._asked: dict[str, deque[float]] = {}
        self.per_minute = 300
        self.wait_seconds = 30

    def sell(self, request: Request, body: bytes) -> Response:
        """An access token for a refresh token."""
        return self._shop.sell(request, body, now=time.time())

    def told(self, name: str, value: Any) -> None:
        """As `TokenShop.told`."""
        self._shop.told(name, value)
        if name == "revoked":
            self._revoked |= set(value)

    def owner(self, request: Request) -> str:
        """The refresh token that a request's token was bought with; empty for none."""
        token = _token(request)
        return self._shop.credential(token) if self._shop.is_bought(token) else ""

    def trouble(self, request: Request) -> str | None:
        """The code of a token that does not count."""
        owner = self.owner(request)
        if not owner:
            return "OAUTH_TOKEN_INVALID"
        if owner in self._revoked:
            return "OAUTH_TOKEN_REVOKED"
        lasts = self._shop.lasts(_token(request), now=time.time())
        return None if lasts else "OAUTH_TOKEN_EXPIRED"

    def is_over(self, customer: str, *, now: float) -> bool:
        """Whether a customer asks too often; a request that is not refused is counted."""
        asked = self._asked.setdefault(customer, deque())
        while asked and now - asked[0] >= MINUTE:
            asked.popleft()
        if len(asked) >= self.per_minute:
            return True
        asked.append(now)
        return False


def _token(request: Request) -> str:
    return request.headers.get("authorization", "").removeprefix("Bearer ")


def _refused(error: str) -> Response:
    status = 401 if error == "invalid_client" else 400
    return JSONResponse({"error": error, "error_description": "See the error."}, status)
