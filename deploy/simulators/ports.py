"""Several applications behind one server: who answers is told by the port that was asked."""

from collections.abc import Mapping

from starlette.types import ASGIApp, Receive, Scope, Send


class ByPort:
    """ASGI; `served` is port -> application."""

    def __init__(self, served: Mapping[int, ASGIApp]) -> None:
        self._served = served

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the port's application answer."""
        await self._served[scope["server"][1]](scope, receive, send)
