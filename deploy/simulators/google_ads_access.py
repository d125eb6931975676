"""Whom a token speaks for at Google, and how often a customer may ask."""

from collections import deque
from typing import Final

from starlette.requests import Request

from deploy.simulators.authority import Authority

MINUTE: Final = 60.0


class Access:
    """Google gives out no tokens by hand: all were bought."""

    def __init__(self, authority: Authority) -> None:
        self._authority = authority
        self._asked: dict[str, deque[float]] = {}
        self.per_minute = 300
        self.wait_seconds = 30

    def owner(self, request: Request) -> str:
        """The refresh token that a request's token was bought with; empty for none."""
        token = _token(request)
        return self._authority.credential(token) if self._authority.is_sold(token) else ""

    def trouble(self, request: Request) -> str | None:
        """The code of a token that does not count."""
        token = _token(request)
        if not self._authority.is_sold(token):
            return "OAUTH_TOKEN_INVALID"
        state = self._authority.state(token)
        return None if state == "good" else f"OAUTH_TOKEN_{state.upper()}"

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
