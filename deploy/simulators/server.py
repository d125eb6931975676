"""The HTTP side of a simulator: its platform's routes, the script, and `/_sim/`."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from deploy.simulators import authority
from deploy.simulators.authority import Authority
from deploy.simulators.connection import drop
from deploy.simulators.ledger import Ledger
from deploy.simulators.script import Script, Step


class Rules(Protocol):
    """A platform: which requests are events, and what it says to them."""

    paths: tuple[str, ...]
    read_paths: tuple[str, ...]
    accounts: dict[str, str]
    refused_ids: set[str]

    @property
    def authority(self) -> Authority | None:
        """Where somebody signs in and access tokens are sold; None for a platform without."""

    def account(self, request: Request) -> str:
        """The account that the request is about."""

    def answer(self, request: Request, body: bytes) -> Response:
        """Judge it, count what is accepted, answer."""

    def told(self, given: dict[str, Any]) -> None:
        """Take what can be read; ValueError or KeyError for what cannot be."""

    def report(self) -> dict[str, Any]:
        """What the platform keeps besides the ledger."""


class Server:
    """The routes of one platform."""

    def __init__(self, rules: Rules, ledger: Ledger) -> None:
        self._rules = rules
        self._ledger = ledger
        self._script = Script()
        rules.refused_ids = self._script.refused_ids

    async def events(self, request: Request) -> Response:
        """What the vendor would answer, unless the script has something else."""
        return await self._said(request, self._rules.account(request), self._rules.answer)

    def tokens(self, seller: Authority) -> Callable[[Request], Awaitable[Response]]:
        """What the vendor's authorization server would sell, unless the script has something
        else."""

        async def sell(request: Request) -> Response:
            return await self._said(request, authority.ACCOUNT, seller.token)

        return sell

    async def _said(
        self, request: Request, account: str, answers: Callable[[Request, bytes], Response]
    ) -> Response:
        self._ledger.note("requests")
        body = await request.body()
        step = self._script.next(account)
        if step is None:
            return answers(request, body)
        self._ledger.note("scripted")
        if step.drop == "before":
            drop(request)
            return Response()
        answer = answers(request, body) if step.status is None else _told(step)
        answer.headers.update(step.headers)
        await asyncio.sleep(step.delay_ms / 1000)
        if step.drop == "after":
            drop(request)
        return answer

    async def rows(self, request: Request) -> Response:
        """Take what the platform then tells."""
        try:
            self._rules.told(json.loads(await request.body()))
        except (KeyError, TypeError, ValueError) as error:
            return JSONResponse({"error": str(error)}, 400)
        return JSONResponse({"left": self._script.left})

    async def script(self, request: Request) -> Response:
        """Take troubles for later."""
        try:
            self._script.load(json.loads(await request.body()))
        except (TypeError, ValueError) as error:
            return JSONResponse({"error": str(error)}, 400)
        return JSONResponse({"left": self._script.left})

    async def accounts(self, request: Request) -> Response:
        """Account -> the only credential that it takes; others take any."""
        self._rules.accounts.update(json.loads(await request.body()))
        return JSONResponse({"accounts": sorted(self._rules.accounts)})

    async def accepted(self, _: Request) -> Response:
        """Every event that counted."""
        return Response(orjson.dumps(self._ledger.accepted()), media_type="application/json")

    async def stats(self, _: Request) -> Response:
        """Totals."""
        left = {"script_left": self._script.left}
        return JSONResponse({**self._ledger.totals(), **left, **self._rules.report()})

    async def health(self, _: Request) -> Response:
        """Alive."""
        return JSONResponse({"status": "ok"})


def _told(step: Step) -> Response:
    content = step.body if isinstance(step.body, str) else json.dumps(step.body or {})
    kind = "text/html" if isinstance(step.body, str) else "application/json"
    return Response(content, step.status or 200, media_type=kind)


def application(rules: Rules, ledger: Ledger) -> Starlette:
    """The server of one platform; the routes of its authorization server come first."""
    server = Server(rules, ledger)
    signing_in: list[Route] = []
    if rules.authority is not None:
        selling = Route(authority.EXCHANGE, server.tokens(rules.authority), methods=["POST"])
        signing_in = [selling, *rules.authority.routes()]
    return Starlette(
        routes=[
            *signing_in,
            Route("/_sim/script", server.script, methods=["POST"]),
            Route("/_sim/rows", server.rows, methods=["POST"]),
            Route("/_sim/accounts", server.accounts, methods=["POST"]),
            Route("/_sim/accepted", server.accepted),
            Route("/_sim/stats", server.stats),
            Route("/healthz", server.health),
            *(Route(path, server.events, methods=["POST"]) for path in rules.paths),
            *(Route(path, server.events, methods=["GET"]) for path in rules.read_paths),
        ]
    )
