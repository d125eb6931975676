"""The authorization server of a simulated vendor: a page that says yes at once, tokens for codes
and refresh tokens, and the API that lists what a token may use and tells whether it is good. The
vendor's simulator asks it whether the token of a request lasts, and whose it is.

As strict as RFC 6749 and 7636: a code is used once, by the client and for the redirect that it was
made for, and with the verifier of its challenge. Told to rotate, it voids a refresh token by its
use. Any app is known; the secret of one that somebody was sent here by is `secret-of-` and its id,
and that of another whatever it says. `deploy.simulators.issued` tells of tokens made elsewhere.
"""

import base64
import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl, unquote_plus, urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from deploy.simulators.authority_dialects import DIALECTS, Dialect
from deploy.simulators.issued import Issued, Permission, State

AUTHORIZE: Final = "/_oauth/authorize"
EXCHANGE: Final = "/oauth/token"
REVOKE: Final = "/_oauth/revoke"
API: Final = "/_oauth/api"
ACCOUNT: Final = "oauth"
"""Whose troubles in a script are those of `EXCHANGE`."""


@dataclass(frozen=True, slots=True)
class _Code:
    client: str
    redirect: str
    challenge: str


class Authority:
    """One vendor's; `clock` gives seconds."""

    def __init__(self, dialect: Dialect, *, clock: Callable[[], float] = time.time) -> None:
        self._dialect = dialect
        self._issued = Issued(clock)
        self._codes: dict[str, _Code] = {}
        self._apps: set[str] = set()
        self._seconds = dialect.seconds
        self._told: dict[str, Any] = {"rotates": False, "denies": False, "status": 200}
        self._revocations = 0

    @property
    def sold(self) -> int:
        """How many access tokens were sold."""
        return self._issued.sold

    def state(self, token: str) -> State:
        """Of an access token; `foreign` for one that was never sold here."""
        return self._issued.state(token)

    def lasts(self, token: str) -> bool:
        """Whether a platform takes it that takes tokens made by hand, too."""
        return token != "" and self.state(token) in ("good", "foreign")

    def is_sold(self, token: str) -> bool:
        """Whether it was sold here."""
        return self._issued.is_sold(token)

    def credential(self, token: str) -> str:
        """What the account's owner knows of it: the refresh token of the sign-in, or itself."""
        return self._issued.credential(token)

    def told(self, name: str, value: Any) -> None:
        """`expired`: access tokens that are no good any more, and `revoked`: refresh tokens, with
        what they bought, or access tokens; each a list, or True for all of ours. `token_seconds` of
        those sold from now on. `rotates`, `denies` who signs in, and the `status` of the API.

        Raises:
            KeyError: for anything else.
        """
        match name:
            case "expired":
                self._issued.expire(None if value is True else value)
            case "revoked":
                self._issued.revoke(None if value is True else value)
            case "token_seconds":
                self._seconds = int(value)
            case "rotates" | "denies" | "status":
                self._told[name] = value
            case _:
                raise KeyError(name)

    def routes(self) -> list[Route]:
        """Where it listens, besides `EXCHANGE`."""
        return [
            Route(AUTHORIZE, self._authorize),
            Route(REVOKE, self._revoke, methods=["POST"]),
            Route(API + "/{path:path}", self._api),
            Route("/_sim/authority", self._tell, methods=["POST"]),
            Route("/_sim/authority", self._report),
        ]

    def token(self, request: Request, body: bytes) -> Response:
        """Tokens for a code, a refresh token, or a short token."""
        form, said = self._form(body), self._dialect
        client = self._client(request, form)
        if client is None:
            return self._refusal("invalid_client")
        match form.get("grant_type"):
            case "authorization_code":
                code = self._codes.pop(form.get(said.code, ""), None)
                if code is None or not _is_of(code, client, form):
                    return self._refusal("invalid_grant")
                return self._sold(self._issued.permit(client, refreshes=said.refreshes))
            case "refresh_token" if said.refreshes:
                if said.renews_scope and said.scope not in form.get("scope", ""):
                    return self._refusal("invalid_scope")
                held = self._issued.used(form.get("refresh_token", ""), client)
                if held is None:
                    return self._refusal("invalid_grant")
                if self._told["rotates"]:
                    self._issued.rotate(held)
                return self._sold(held)
            case "fb_exchange_token" if not said.refreshes:
                held = self._issued.exchanged(form.get("fb_exchange_token", ""))
                if held is not None and held.client == client:
                    return self._sold(held, seconds=60 * 86_400)
        return self._refusal("unsupported_grant_type")

    async def _authorize(self, request: Request) -> Response:
        """Back to where the client asks to, with a code."""
        asked, said = request.query_params, self._dialect
        wanted = {"response_type": "code", **said.needs}
        if said.pkce:
            wanted["code_challenge_method"] = "S256"
        wrong = [name for name, value in wanted.items() if asked.get(name) != value]
        wrong += [n for n in (said.client[0], "redirect_uri", "state") if not asked.get(n)]
        if said.scope and said.scope not in asked.get("scope", ""):
            wrong.append("scope")
        if wrong:
            return JSONResponse({"error": "invalid_request", "wrong": wrong}, 400)
        back, client = asked["redirect_uri"], asked[said.client[0]]
        if self._told["denies"]:
            return RedirectResponse(f"{back}?{_query(error='access_denied', state=asked['state'])}")
        self._apps.add(client)
        code = self._issued.new("code")
        self._codes[code] = _Code(client, back, asked.get("code_challenge", ""))
        return RedirectResponse(f"{back}?{_query(**{said.code: code}, state=asked['state'])}")

    async def _revoke(self, request: Request) -> Response:
        """End what somebody let a client do: all of it, whichever of its tokens is shown."""
        self._revocations += 1
        form = self._form(await request.body())
        shown = form.get("token") or form.get("access_token") or self._bearer(request)
        self._issued.forget(shown)
        return JSONResponse({})

    async def _api(self, request: Request) -> Response:
        """A page of the API, for a good token."""
        if self._told["status"] != 200:
            return JSONResponse({}, self._told["status"])
        if not self.lasts(self._bearer(request)):
            status, content = self._dialect.refused
            return JSONResponse(content, status)
        path = "/" + request.path_params["path"]
        # An account that no page has is one all the same, as in the other simulators.
        return JSONResponse(self._dialect.pages.get(path, {"id": path.rpartition("/")[2]}))

    async def _tell(self, request: Request) -> Response:
        """Take what is to happen from now on."""
        try:
            for name, value in json.loads(await request.body()).items():
                self.told(name, value)
        except (KeyError, TypeError, ValueError) as error:
            return JSONResponse({"error": str(error)}, 400)
        return JSONResponse(self._told)

    async def _report(self, _: Request) -> Response:
        """What is good now, and how often something was."""
        return JSONResponse({**self._issued.report(), "revocations": self._revocations})

    def _sold(self, held: Permission, *, seconds: int | None = None) -> Response:
        seconds = self._seconds if seconds is None else seconds
        token = self._issued.sell(held, seconds=seconds)
        if self._dialect.in_json:
            return JSONResponse({"code": 0, "message": "OK", "data": {"access_token": token}})
        sold = {"access_token": token, "token_type": "bearer", "expires_in": seconds}
        return JSONResponse(sold | ({"refresh_token": held.refresh} if held.refresh else {}))

    def _refusal(self, error: str) -> Response:
        status, content = self._dialect.no_token(error)
        return JSONResponse(content, status)

    def _form(self, body: bytes) -> dict[str, str]:
        if not self._dialect.in_json:
            return dict(parse_qsl(body.decode("utf-8", "replace")))
        try:
            found = json.loads(body)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    def _client(self, request: Request, form: dict[str, str]) -> str | None:
        name, secret = (form.get(part, "") for part in self._dialect.client)
        if self._dialect.basic:
            name, secret = _basic(request)
        right = secret == f"secret-of-{name}" if name in self._apps else secret != ""
        return name if name and right else None

    def _bearer(self, request: Request) -> str:
        return request.headers.get(self._dialect.header, "").removeprefix("Bearer ")


def authority_of(platform: str) -> Authority:
    """The platform's authorization server, by its dialect."""
    return Authority(DIALECTS[platform])


def _basic(request: Request) -> tuple[str, str]:
    """RFC 6749, section 2.3.1; nobody where the header says something else."""
    kind, _, coded = request.headers.get("authorization", "").partition(" ")
    try:
        name, _, secret = base64.b64decode(coded, validate=True).decode().partition(":")
    except ValueError:
        return "", ""
    return (unquote_plus(name), unquote_plus(secret)) if kind == "Basic" else ("", "")


def _is_of(code: _Code, client: str, form: dict[str, str]) -> bool:
    """Whether the code was made for who shows it, and the verifier is that of its challenge."""
    if (code.client, code.redirect) != (client, form.get("redirect_uri")):
        return False
    return not code.challenge or _challenge(form.get("code_verifier", "")) == code.challenge


def _challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _query(**said: str) -> str:
    return urlencode(said)
