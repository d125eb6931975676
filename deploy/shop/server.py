"""The shop's server: its pages, carts in memory, and orders that it tells the gateway of."""

import asyncio
import json
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qs, quote

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from deploy.shop import pages, till
from processors.client import Client, ClientError, Order

_COOKIE: Final = "shop_cart"
_MOST_CARTS: Final = 1_000
_LONGEST_EMAIL: Final = 254
_NOT_YET: Final = "the stack is still starting, or has no key of the demo tenant; try again"


@dataclass(frozen=True, slots=True)
class Account:
    """The shop's account with a gateway."""

    gateway_url: str
    browser_key: str
    server_key: str
    tenant: str = "demo"


@dataclass
class Shop:
    """The routes; `account` is asked at each request, since keys are made after the shop opens."""

    account: Callable[[], Account | None]
    carts: OrderedDict[str, dict[str, str]] = field(default_factory=OrderedDict)

    async def page(self, request: Request) -> Response:
        """A file, or a script that depends on the account."""
        path, account = request.url.path, self.account()
        if path in ("/snippet.js", "/attributary-here.js"):
            if account is None:
                said = f"console.warn({json.dumps(_NOT_YET)})"
                return Response(said, media_type=pages.KINDS[".js"])
            options = {
                "key": account.browser_key,
                "endpoint": account.gateway_url,
                "tenant": account.tenant,
                "cart": "shopify",
            }
            here = path == "/attributary-here.js"
            text = pages.loader(account.gateway_url) if here else pages.snippet(options, asks=True)
            return Response(text, media_type=pages.KINDS[".js"])
        found = pages.file(path)
        if found is None:
            return PlainTextResponse("the shop has no such page", 404)
        answer = Response(found[1], media_type=found[0])
        if _COOKIE not in request.cookies:
            answer.set_cookie(_COOKIE, secrets.token_hex(8), httponly=True, samesite="lax")
        return answer

    async def cart(self, request: Request) -> Response:
        """Keep the ids that the pixel hands over for the order; an empty one is taken back."""
        try:
            told = json.loads(await request.body())["attributes"]
            given = {str(name): str(value) for name, value in told.items()}
        except (AttributeError, KeyError, TypeError, ValueError):
            return JSONResponse({"error": "no attributes"}, 400)
        mine = self.carts.setdefault(request.cookies.get(_COOKIE, ""), {})
        mine.update(given)
        while len(self.carts) > _MOST_CARTS:
            self.carts.popitem(last=False)
        return JSONResponse({"attributes": mine})

    async def buy(self, request: Request) -> Response:
        """Tell the gateway of the order, and lead to the thank-you page."""
        account = self.account()
        if account is None:
            return PlainTextResponse(_NOT_YET, 503)
        form = parse_qs((await request.body()).decode("utf-8", "replace"))
        email = form.get("email", [""])[0].strip()[:_LONGEST_EMAIL]
        now_ms = int(time.time() * 1000)
        order_id = f"shop-{now_ms}-{secrets.token_hex(2)}"
        cart = self.carts.get(request.cookies.get(_COOKIE, ""), {})
        told = till.order(order_id, email=email, cart=cart, now_ms=now_ms)
        try:
            await asyncio.to_thread(_tell, account, told)
        except ClientError as error:
            return PlainTextResponse(f"the gateway did not take the order: {error}", 502)
        return RedirectResponse(f"/thanks.html?order={quote(order_id)}", 303)


def _tell(account: Account, order: Order) -> None:
    with Client(account.gateway_url, account.server_key) as client:
        client.order(**order)


async def _health(_: Request) -> Response:
    return JSONResponse({"status": "ok"})


def application(account: Callable[[], Account | None]) -> Starlette:
    """The shop of an account."""
    shop = Shop(account)
    return Starlette(
        routes=[
            Route("/healthz", _health),
            Route("/cart/update.js", shop.cart, methods=["POST"]),
            Route("/orders", shop.buy, methods=["POST"]),
            Route("/{path:path}", shop.page),
        ]
    )
