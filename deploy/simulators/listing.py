"""What the simulators of sources share: lists that are read by GET, and troubles on demand."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from deploy.simulators.connection import drop
from deploy.simulators.script import Script

Answer = Callable[[Request], Response]
Told = Callable[[dict[str, Any]], None]


class Listing:
    """A vendor that is asked; `/_sim/rows`, `/_sim/script` and `/_sim/stats` are the test's."""

    def __init__(self, *, path: str, answer: Answer, told: Told) -> None:
        self._answer = answer
        self._told = told
        self._script = Script()
        self._requests: list[dict[str, Any]] = []
        self.application = Starlette(
            routes=[
                Route("/_sim/rows", self._taking(told), methods=["POST"]),
                Route("/_sim/script", self._taking(self._script.load), methods=["POST"]),
                Route("/_sim/stats", self._stats),
                Route("/healthz", self._stats),
                Route(path, self._asked),
            ]
        )

    def _taking(self, take: Told) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            try:
                take(json.loads(await request.body()))
            except (KeyError, TypeError, ValueError) as error:
                return JSONResponse({"error": str(error)}, 400)
            return JSONResponse({"left": self._script.left})

        return endpoint

    async def _asked(self, request: Request) -> Response:
        noted: dict[str, Any] = {"query": dict(request.query_params), "status": None}
        self._requests.append(noted)
        step = self._script.next("")
        answer = Response() if step is not None and step.drop else self._answer(request)
        if step is not None:
            await asyncio.sleep(step.delay_ms / 1000)
            if step.drop is not None:
                drop(request)
            elif step.status is not None:
                answer = JSONResponse(step.body or {}, step.status, headers=step.headers)
        noted["status"] = answer.status_code
        return answer

    async def _stats(self, _: Request) -> Response:
        return JSONResponse({"requests": self._requests, "script_left": self._script.left})
