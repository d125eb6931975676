"""Where access tokens are bought with refresh tokens (RFC 6749, section 6), and which still last.

A token that was never sold is one that lasts, as vendors give them out by hand.
"""

import base64
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import parse_qsl, unquote_plus

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

PATH: Final = "/oauth/token"
ACCOUNT: Final = "oauth"
"""Whose troubles in a script are those of the shop."""


class TokenShop:
    """Any refresh token is good until it is told to be `revoked`. With `basic` the client must say
    who it is in a header, else in the form. `refused` is a refusal in the vendor's shape."""

    def __init__(
        self, *, lasts_seconds: int, basic: bool, refused: Callable[[str], Response]
    ) -> None:
        self._lasts_seconds = lasts_seconds
        self._basic = basic
        self._refused = refused
        self._sold: dict[str, tuple[str, float]] = {}
        self._expired: set[str] = set()
        self._revoked: set[str] = set()

    @property
    def sold(self) -> int:
        """How many tokens were bought."""
        return len(self._sold)

    def told(self, name: str, value: Any) -> None:
        """`expired`: tokens that are no good any more, or True for all that were sold; `revoked`:
        refresh tokens.

        Raises:
            KeyError: for anything else.
        """
        match name:
            case "expired":
                self._expired |= set(self._sold) if value is True else set(value)
            case "revoked":
                self._revoked |= set(value)
            case _:
                raise KeyError(name)

    def sell(self, request: Request, body: bytes, *, now: float) -> Response:
        """Another access token each time."""
        form = dict(parse_qsl(body.decode("utf-8", "replace")))
        if form.get("grant_type") != "refresh_token":
            return self._refused("unsupported_grant_type")
        client = _from_header(request) if self._basic else _from_form(form)
        if not all(client):
            return self._refused("invalid_client")
        refresh = form.get("refresh_token", "")
        if not refresh or refresh in self._revoked:
            return self._refused("invalid_grant")
        token = f"bought-{len(self._sold) + 1}"
        self._sold[token] = (refresh, now + self._lasts_seconds)
        return JSONResponse(
            {"access_token": token, "token_type": "bearer", "expires_in": self._lasts_seconds}
        )

    def is_bought(self, token: str) -> bool:
        """Whether it was sold here."""
        return token in self._sold

    def lasts(self, token: str, *, now: float) -> bool:
        """Whether a platform takes it."""
        refresh, ends = self._sold.get(token, ("", float("inf")))
        return token not in self._expired and refresh not in self._revoked and now < ends

    def credential(self, token: str) -> str:
        """What the account's owner knows of it: the refresh token that bought it, or itself."""
        return self._sold.get(token, (token, 0.0))[0]


def _from_form(form: dict[str, str]) -> tuple[str, str]:
    return form.get("client_id", ""), form.get("client_secret", "")


def _from_header(request: Request) -> tuple[str, str]:
    kind, _, coded = request.headers.get("authorization", "").partition(" ")
    try:
        name, _, secret = base64.b64decode(coded, validate=True).decode().partition(":")
    except ValueError:
        return "", ""
    return (unquote_plus(name), unquote_plus(secret)) if kind == "Basic" else ("", "")
