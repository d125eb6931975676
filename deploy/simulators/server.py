"""The HTTP side of a simulator: its platform's routes, the script, and `/_sim/`."""

import asyncio
import json
from typing import Any, Protocol

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from deploy.simulators.connection import drop
from deploy.simulators.ledger import Ledger
from deploy.simulators.script import Script


class Rules(Protocol):
    """A platform: which requests are events, and what it says to them."""

    paths: tuple[str, ...]
    accounts: dict[str, str]
    refused_ids: set[str]

    def account(self, request: Request) -> str:
        """The account that the request is about."""

    def answer(self, request: Request, body: bytes) -> Response:
        """Judge it, count what is accepted, answer."""

    def report(self) -> dict[str, Any]:
        """What the platform keeps besides the ledger."""


def application(rules: Rules, ledger: Ledger) -> Starlette:
    """The server of one platform."""
    script = Script()
    rules.refused_ids = script.refused_ids

    async def events(request: Request) -> Response:
        ledger.note("requests")
        body = await request.body()
        step = script.next(rules.account(request))
        if step is None:
            return rules.answer(request, body)
        ledger.note("scripted")
        if step.drop == "before":
            drop(request.client)
            return Response()
        if step.status is None:
            answer = rules.answer(request, body)
        else:
            content = step.body if isinstance(step.body, str) else json.dumps(step.body or {})
            kind = "text/html" if isinstance(step.body, str) else "application/json"
            answer = Response(content, step.status, media_type=kind)
        answer.headers.update(step.headers)
        await asyncio.sleep(step.delay_ms / 1000)
        if step.drop == "after":
            drop(request.client)
        return answer

    async def load(request: Request) -> Response:
        try:
            script.load(json.loads(await request.body()))
        except (TypeError, ValueError) as error:
            return JSONResponse({"error": str(error)}, 400)
        return JSONResponse({"left": script.left})

    async def accounts(request: Request) -> Response:
        rules.accounts.update(json.loads(await request.body()))
        return JSONResponse({"accounts": sorted(rules.accounts)})

    async def accepted(_: Request) -> Response:
        return JSONResponse(ledger.accepted())

    async def stats(_: Request) -> Response:
        return JSONResponse({**ledger.totals(), "script_left": script.left, **rules.report()})

    async def health(_: Request) -> Response:
        return JSONResponse({"status": "ok"})

    return Starlette(
        routes=[
            Route("/_sim/script", load, methods=["POST"]),
            Route("/_sim/accounts", accounts, methods=["POST"]),
            Route("/_sim/accepted", accepted),
            Route("/_sim/stats", stats),
            Route("/healthz", health),
            *(Route(path, events, methods=["POST"]) for path in rules.paths),
        ]
    )
