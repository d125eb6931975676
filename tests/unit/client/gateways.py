"""Gateways for a client to speak to: the real application, and one that says what it is told."""

import asyncio
import json
from collections.abc import Callable, Iterable
from typing import Any

import httpx

from processors.client import AsyncClient, Client, Limits
from tests.unit.gateway.asking import NOW, SERVER, Gateway

URL = "https://collect.shop.example"
Answer = httpx.Response | Exception


class Script:
    """Answers requests in turn, the last answer for ever; keeps what came."""

    def __init__(self, *answers: Answer | Callable[[httpx.Request], Answer]) -> None:
        self.seen: list[httpx.Request] = []
        self._answers = list(answers) or [taken]
        self.slept: list[float] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """The next answer."""
        self.seen.append(request)
        told = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        answer = told(request) if callable(told) else told
        if isinstance(answer, Exception):
            raise answer
        return answer

    @property
    def bodies(self) -> list[Any]:
        """The JSON of every request."""
        return [json.loads(request.content) for request in self.seen]

    def client(self, **settings: Any) -> Client:
        """A client that speaks to this."""
        usual = {"sleep": self.slept.append, "clock": lambda: NOW}
        return Client(URL, SERVER, transport=httpx.MockTransport(self), **{**usual, **settings})

    def limited(self, **limits: Any) -> Client:
        """A client with these limits."""
        return self.client(limits=Limits(**limits))


def taken(request: httpx.Request) -> httpx.Response:
    """All of it was taken."""
    items = json.loads(request.content)
    receipts = [
        {"index": n, "event_id": item["event_id"], "topic": "t", "partition": 0, "offset": n}
        for n, item in enumerate(items)
    ]
    return httpx.Response(200, json={"accepted": len(items), "rejected": [], "receipts": receipts})


def said(status: int, **headers: str) -> httpx.Response:
    """A refusal of the whole request."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, headers=names, json={"error": "e", "detail": "why"})


def through(gateway: Gateway, lost: Iterable[int] = ()) -> httpx.MockTransport:
    """A way to the gateway, for code that waits; the answers at these places get lost."""
    missing, asked = set(lost), iter(range(1_000))

    def carry(request: httpx.Request) -> httpx.Response:
        query = f"?{request.url.query.decode()}" if request.url.query else ""
        answer = asyncio.run(
            gateway.ask(
                request.method, request.url.path + query, request.content, dict(request.headers)
            )
        )
        if next(asked) in missing:
            raise httpx.ReadTimeout("no answer", request=request)
        return httpx.Response(answer.status, headers=answer.headers, content=answer.content)

    return httpx.MockTransport(carry)


def client_of(gateway: Gateway, *, key: str = SERVER, lost: Iterable[int] = ()) -> Client:
    """A client of the real application."""
    return Client(
        URL, key, transport=through(gateway, lost), sleep=lambda _: None, clock=lambda: NOW
    )


def async_client_of(gateway: Gateway) -> AsyncClient:
    """The same, for an event loop."""
    return AsyncClient(
        URL, SERVER, transport=httpx.ASGITransport(app=gateway.app), clock=lambda: NOW
    )
