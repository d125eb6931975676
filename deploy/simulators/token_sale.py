"""Access tokens for refresh tokens, as the authorization servers of vendors sell them (RFC 6749,
section 6)."""

import hashlib
from typing import Any, Final
from urllib.parse import parse_qs

from starlette.responses import JSONResponse, Response

PATH: Final = "/oauth/token"
SECONDS: Final = 3_600


class TokenSale:
    """Any refresh token buys, until it is told to be revoked; every sale is a new token."""

    def __init__(self) -> None:
        self._ends: dict[str, float] = {}
        self._revoked: set[str] = set()
        self.seconds = SECONDS
        self.sold = 0

    def revoke(self, refresh_token: str) -> None:
        """From now on it buys nothing."""
        self._revoked.add(refresh_token)

    def state(self, token: str, *, now: float) -> str:
        """`good`, `expired`, or `foreign` for one that was never sold here; now in seconds."""
        ends = self._ends.get(token)
        if ends is None:
            return "foreign"
        return "good" if now < ends else "expired"

    def answer(self, body: bytes, *, now: float) -> Response:
        """The access token, or the error that RFC 6749 has for it."""
        form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        if form.get("grant_type") != "refresh_token":
            return _error("unsupported_grant_type")
        refresh_token = form.get("refresh_token", "")
        if not form.get("client_id"):
            return _error("invalid_client", status=401)
        if not refresh_token or refresh_token in self._revoked:
            return _error("invalid_grant")
        self.sold += 1
        token = hashlib.sha256(f"{refresh_token} {self.sold}".encode()).hexdigest()
        self._ends[token] = now + self.seconds
        sold: dict[str, Any] = {"access_token": token, "expires_in": self.seconds}
        return JSONResponse(sold | {"token_type": "Bearer", "scope": form.get("scope", "")})


def _error(name: str, *, status: int = 400) -> Response:
    # The description of a real server may hold what was sent; ours shows that nobody keeps it.
    return JSONResponse({"error": name, "error_description": "secret-1"}, status)
