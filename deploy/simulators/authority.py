"""The authorization server of a simulated vendor: a page that says yes at once, tokens for codes
and refresh tokens, and the API that lists what a token may use and tells whether it is good.

As strict as RFC 6749 and 7636: a code is used once, by the client and for the redirect that it was
made for, and with the verifier of its challenge. Told to rotate, it voids a refresh token by its
use. `/_sim/authority` takes `rotates`, `denies`, `revoked` (every token) and `status` of the API.
An access token that was never sold here is one that lasts, as vendors give them out by hand.
"""

import base64
import hashlib
import json
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl, unquote_plus, urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from deploy.simulators.authority_dialects import DIALECTS, Dialect

AUTHORIZE: Final = "/_oauth/authorize"
EXCHANGE: Final = "/_oauth/exchange"
REVOKE: Final = "/_oauth/revoke"
API: Final = "/_oauth/api"
SECONDS: Final = 3_600


@dataclass(frozen=True, slots=True)
class _Code:
    client: str
    redirect: str
    challenge: str


class Authority:
    """One vendor's; any app is known whose secret is `secret-of-` and its id."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._codes: dict[str, _Code] = {}
        self._refresh: dict[str, str] = {}
        self._access: set[str] = set()
        self._gone: set[str] = set()
        self._made = 0
        self._told: dict[str, Any] = {"rotates": False, "denies": False, "status": 200}
        self._revocations = 0

    def routes(self) -> list[Route]:
        """Where it listens."""
        return [
            Route(AUTHORIZE, self.authorize),
            Route(EXCHANGE, self.token, methods=["POST"]),
            Route(REVOKE, self.revoke, methods=["POST"]),
            Route(API + "/{path:path}", self.api),
            Route("/_sim/authority", self.told, methods=["POST"]),
            Route("/_sim/authority", self.report),
        ]

    async def authorize(self, request: Request) -> Response:
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
        back = asked["redirect_uri"]
        if self._told["denies"]:
            return RedirectResponse(f"{back}?{_query(error='access_denied', state=asked['state'])}")
        code = self._new("code")
        challenge = asked.get("code_challenge", "")
        self._codes[code] = _Code(asked[said.client[0]], back, challenge)
        return RedirectResponse(f"{back}?{_query(**{said.code: code}, state=asked['state'])}")

    async def token(self, request: Request) -> Response:
        """Tokens for a code, a refresh token, or a short token."""
        form = await self._form(request)
        client = self._client(request, form)
        if client is None:
            return self._refusal("invalid_client", 401)
        match form.get("grant_type"):
            case "authorization_code":
                code = self._codes.pop(form.get(self._dialect.code, ""), None)
                if code is None or (code.client, code.redirect) != (client, form["redirect_uri"]):
                    return self._refusal("invalid_grant")
                shown = form.get("code_verifier", "")
                if code.challenge and _challenge(shown) != code.challenge:
                    return self._refusal("invalid_grant")
                return self._sold(self._new("refresh") if self._dialect.refreshes else "", client)
            case "refresh_token":
                used = form.get("refresh_token", "")
                if self._refresh.get(used) != client:
                    return self._refusal("invalid_grant")
                if not self._told["rotates"]:
                    return self._sold(used, client)
                del self._refresh[used]
                return self._sold(self._new("refresh"), client)
            case "fb_exchange_token" if form.get("fb_exchange_token") in self._access:
                return self._sold("", client, seconds=60 * 86_400)
        return self._refusal("unsupported_grant_type")

    async def revoke(self, _: Request) -> Response:
        """Forget a client's tokens."""
        self._revocations += 1
        self._forget()
        return JSONResponse({})

    async def api(self, request: Request) -> Response:
        """A page of the API, for a good token."""
        if self._told["status"] != 200:
            return JSONResponse({}, self._told["status"])
        token = request.headers.get(self._dialect.header, "").removeprefix("Bearer ")
        if not token or token in self._gone:
            status, content = self._dialect.refused
            return JSONResponse(content, status)
        path = "/" + request.path_params["path"]
        # An account that no page has is one all the same, as in the other simulators.
        return JSONResponse(self._dialect.pages.get(path, {"id": path.rpartition("/")[2]}))

    async def told(self, request: Request) -> Response:
        """Take what is to happen from now on."""
        given = json.loads(await request.body())
        if given.pop("revoked", False):
            self._forget()
        self._told |= given
        return JSONResponse(self._told)

    async def report(self, _: Request) -> Response:
        """What is good now, and how often something was."""
        return JSONResponse(
            {
                "refresh": sorted(self._refresh),
                "access": sorted(self._access),
                "made": self._made,
                "revocations": self._revocations,
            }
        )

    def _forget(self) -> None:
        self._gone |= self._access
        self._refresh.clear()
        self._access.clear()

    def _sold(self, refresh: str, client: str, *, seconds: int = SECONDS) -> Response:
        sold: dict[str, Any] = {"access_token": self._new("access"), "expires_in": seconds}
        self._access.add(sold["access_token"])
        if refresh:
            self._refresh[refresh] = client
            sold["refresh_token"] = refresh
        if self._dialect.in_json:
            sold = {"code": 0, "message": "OK", "data": {"access_token": sold["access_token"]}}
        return JSONResponse(sold)

    def _refusal(self, error: str, status: int = 400) -> Response:
        # The description of a real server may hold what was sent; ours shows that nobody keeps it.
        if self._dialect.in_json:
            return JSONResponse({"code": 40002, "message": "secret-1", "data": {}})
        return JSONResponse({"error": error, "error_description": "secret-1"}, status)

    async def _form(self, request: Request) -> dict[str, str]:
        body = await request.body()
        if self._dialect.in_json:
            found: dict[str, str] = json.loads(body)
            return found
        return dict(parse_qsl(body.decode()))

    def _client(self, request: Request, form: dict[str, str]) -> str | None:
        name, secret = (form.get(part, "") for part in self._dialect.client)
        if self._dialect.basic:
            coded = request.headers.get("authorization", "").removeprefix("Basic ")
            name, _, secret = map(unquote_plus, base64.b64decode(coded).decode().partition(":"))
        return name if name and secret == f"secret-of-{name}" else None

    def _new(self, kind: str) -> str:
        self._made += 1
        return f"{kind}-secret-{self._made}"


def routes_of(platform: str) -> list[Route]:
    """The platform's authorization server, where it has one."""
    dialect = DIALECTS.get(platform)
    return [] if dialect is None else Authority(dialect).routes()


def _challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _query(**said: str) -> str:
    return urlencode(said)
