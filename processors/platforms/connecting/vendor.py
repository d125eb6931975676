"""What a vendor is asked while an account is connected: its page, tokens for a code, accounts, and
to forget us. Secrets go in bodies and headers, but where a vendor takes them in the query alone;
none of them reaches an error, a log, or a URL that is logged."""

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qsl, quote, quote_plus, urlencode

import orjson

from processors.engine.clock import Clock
from processors.platforms.base import OAUTH_PART, Request
from processors.platforms.connecting.refusal import NotConnected
from processors.platforms.grant import EXPIRES, App, Grant, Listing
from processors.platforms.http import Http, Reply, Silence

_FORM: Final = {"content-type": "application/x-www-form-urlencoded"}
_WORD: Final = re.compile(r"[a-z][a-z0-9_]{1,39}", re.ASCII)
_TOKEN_PARTS: Final = ("access_token", OAUTH_PART)
_BEARER: Final = "authorization"
_MOST: Final = 200


@dataclass(frozen=True, slots=True)
class Found:
    """An account that a token may use; `parts` are the ids that lead to it, by their names among
    the credentials."""

    account_id: str
    name: str
    parts: Mapping[str, str] = field(default_factory=dict)


class Vendor:
    """One platform's authorization server and API, for our app there."""

    def __init__(self, platform: str, grant: Grant, app: App, *, http: Http, clock: Clock) -> None:
        self.platform = platform
        self._grant = grant
        self._app = app
        self._http = http
        self._clock = clock

    def page(self, *, state: str, challenge: str, redirect_url: str) -> str:
        """Where somebody signs in and says yes.

        Raises:
            NotConnected: not_configured without our app's id and secret.
        """
        if not self._app.client_id or not self._app.client_secret.get_secret_value():
            name = self.platform.upper()
            raise NotConnected(
                "not_configured",
                f"set ATTRIBUTARY_{name}_CLIENT_ID and ATTRIBUTARY_{name}_CLIENT_SECRET",
            )
        asked = {
            self._grant.client[0]: self._app.client_id,
            "redirect_uri": redirect_url,
            "response_type": "code",
            "state": state,
            **self._grant.asked,
        }
        if self._grant.scopes:
            asked["scope"] = self._grant.scope
        if self._grant.pkce:
            asked |= {"code_challenge": challenge, "code_challenge_method": "S256"}
        return f"{self._app.authorize_url or self._grant.authorize_url}?{urlencode(asked)}"

    async def exchange(self, *, code: str, verifier: str, redirect_url: str) -> dict[str, str]:
        """The credentials for a code: tokens, and the app that they were granted to.

        Raises:
            NotConnected: refused or unavailable.
        """
        form = {"grant_type": "authorization_code", self._grant.code: code}
        form |= {"redirect_uri": redirect_url, **self._grant.exchanged}
        if self._grant.pkce:
            form["code_verifier"] = verifier
        told = await self._tokens(form)
        if self._grant.long_lived:
            long = {"grant_type": "fb_exchange_token", "fb_exchange_token": told["access_token"]}
            told = await self._tokens(long)
        found = {name: str(told[name]) for name in _TOKEN_PARTS if told.get(name)}
        seconds = str(told.get("expires_in", ""))
        if OAUTH_PART in found:
            del found["access_token"]  # connectors buy their own
            found["client_id"] = self._app.client_id
            found["client_secret"] = self._app.client_secret.get_secret_value()
        elif seconds.isdigit():
            found[EXPIRES] = str(self._clock() + int(seconds) * 1_000)
        return found

    async def accounts(self, token: str) -> list[Found]:
        """What the token may use, 200 at most.

        Raises:
            NotConnected: refused or unavailable.
        """
        found = [Found("", "")]
        for listing in self._grant.listings:
            found = [
                Found(id_, name, {**above.parts, **({listing.part: id_} if listing.part else {})})
                for above in found
                for id_, name in await self._listed(listing, above.account_id, token)
            ][:_MOST]
        return found if self._grant.listings else []

    async def read(self, path: str, token: str) -> Reply | Silence:
        """A question below the API's URL."""
        return await self._http.get(self._question(path, token))

    async def revoke(self, credentials: Mapping[str, str], token: str) -> bool:
        """Whether the vendor has taken note that we are to be forgotten; False where there is no
        place to say so, or it did not answer."""
        url = self._app.revoke_url or self._grant.revoke_url
        if not url:
            return False
        if self._grant.long_lived:
            # Facebook Login: DELETE of the permissions, which a POST may stand for.
            body, headers = urlencode({"method": "delete"}), self._authorized(token) | _FORM
        elif self._grant.json:
            body = json.dumps({**self._client(), "access_token": token})
            headers = {"content-type": "application/json"}
        else:
            form = {"token": credentials.get(OAUTH_PART) or token}
            form["token_type_hint"] = OAUTH_PART if OAUTH_PART in credentials else "access_token"
            headers = dict(_FORM)
            if self._grant.basic:
                headers["authorization"] = self._basic()
            else:
                form |= self._client()
            body = urlencode(form)
        reply = await self._http.post(Request(url, body.encode(), headers=headers))
        return isinstance(reply, Reply) and reply.status == 200

    async def _tokens(self, form: dict[str, str]) -> dict[str, Any]:
        headers = dict(_FORM)
        if self._grant.basic:
            headers["authorization"] = self._basic()
        else:
            form = form | self._client()
        body = urlencode(form)
        if self._grant.json:
            body, headers = json.dumps(form), {"content-type": "application/json"}
        url = self._app.token_url or self._grant.exchange_url
        reply = await self._http.post(Request(url, body.encode(), headers=headers))
        answer = _object(reply)
        told = answer.get("data") if self._grant.json else answer
        if isinstance(told, dict) and told.get("access_token"):
            return told
        raise _refusal(reply, answer)

    async def _listed(self, listing: Listing, of: str, token: str) -> list[tuple[str, str]]:
        client = self._client().values()
        names = dict(zip(("client_id", "client_secret"), client, strict=True))
        path = listing.path.format(of=quote(of, safe=""), **{k: quote(v) for k, v in names.items()})
        reply = await self.read(path, token)
        rows = _at(_object(reply), listing.rows)
        if not isinstance(rows, list):
            raise _refusal(reply, _object(reply))
        found = []
        for row in rows:
            if isinstance(row, str):
                found.append((row.rpartition("/")[2],) * 2)
            elif id_ := _at(_at(row, listing.row), listing.id):
                name = _at(_at(row, listing.row), listing.name) or id_
                found.append((str(id_), str(name)))
        return found

    def _question(self, path: str, token: str) -> Request:
        bare, _, query = path.partition("?")
        url = (self._app.api_url or self._grant.api_url).rstrip("/") + bare
        headers = {**self._grant.headers, **self._authorized(token)}
        return Request(url, b"", headers=headers, params=dict(parse_qsl(query)))

    def _authorized(self, token: str) -> dict[str, str]:
        header = self._grant.header
        return {header: f"Bearer {token}" if header == _BEARER else token}

    def _client(self) -> dict[str, str]:
        secret = self._app.client_secret.get_secret_value()
        return dict(zip(self._grant.client, (self._app.client_id, secret), strict=True))

    def _basic(self) -> str:
        told = ":".join(map(quote_plus, self._client().values()))
        return f"Basic {base64.b64encode(told.encode()).decode()}"


def _object(reply: Reply | Silence) -> dict[str, Any]:
    if isinstance(reply, Silence):
        raise NotConnected("unavailable", f"the platform did not answer: {reply.error}")
    try:
        found = orjson.loads(reply.body)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _at(found: Any, path: str) -> Any:
    for name in filter(None, path.split(".")):
        found = found.get(name) if isinstance(found, dict) else None
    return found


def _refusal(reply: Reply | Silence, answer: Mapping[str, Any]) -> NotConnected:
    """With the error's name where it is a word of RFC 6749; a vendor's text may say anything."""
    status = reply.status if isinstance(reply, Reply) else 0
    error = answer.get("error")
    said = f": {error}" if isinstance(error, str) and _WORD.fullmatch(error) else ""
    if status == 429 or status >= 500:
        return NotConnected("unavailable", f"the platform answered HTTP {status}")
    return NotConnected("refused", f"the platform refused (HTTP {status}){said}")
