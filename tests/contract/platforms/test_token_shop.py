"""The shop of access tokens: who may buy, and how long what was bought lasts."""

import asyncio
import base64
from urllib.parse import urlencode

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from deploy.local.services import OAUTH_PATH
from deploy.simulators.token_shop import PATH, TokenShop

CLIENT = {"client_id": "c", "client_secret": "s"}
BASIC = {"authorization": f"Basic {base64.b64encode(b'c:s%3A').decode()}"}


def shop(*, basic: bool = False) -> TokenShop:
    def refused(error: str) -> Response:
        return JSONResponse({"error": error}, 400)

    return TokenShop(lasts_seconds=3600, basic=basic, refused=refused)


def buy(
    sold_by: TokenShop, form: dict[str, str], headers: dict[str, str] | None = None
) -> dict[str, str | int]:
    async def sell(request: Request) -> Response:
        return sold_by.sell(request, await request.body(), now=1000)

    async def ask() -> dict[str, str | int]:
        app = Starlette(routes=[Route("/", sell, methods=["POST"])])
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://sim") as client:
            body = urlencode({"grant_type": "refresh_token", "refresh_token": "r", **form})
            answer = await client.post("/", content=body, headers=headers)
            found: dict[str, str | int] = answer.json()
            return found

    return asyncio.run(ask())


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({**CLIENT, "grant_type": "password"}, "unsupported_grant_type"),
        ({}, "invalid_client"),
        ({"client_id": "c"}, "invalid_client"),
        ({**CLIENT, "refresh_token": ""}, "invalid_grant"),
        ({**CLIENT, "refresh_token": "gone"}, "invalid_grant"),
    ],
)
def test_nothing_is_sold_without(form: dict[str, str], error: str) -> None:
    sells = shop()
    sells.told("revoked", ["gone"])
    assert buy(sells, form) == {"error": error}
    assert sells.sold == 0


def test_who_must_say_so_in_a_header_is_not_heard_in_the_form() -> None:
    assert buy(shop(basic=True), CLIENT) == {"error": "invalid_client"}
    assert buy(shop(basic=True), {}, {"authorization": "Basic ?"}) == {"error": "invalid_client"}
    assert buy(shop(basic=True), {}, BASIC)["expires_in"] == 3600


def test_a_token_lasts_its_time_and_while_what_bought_it_is_good() -> None:
    sells = shop()
    one, two = (str(buy(sells, CLIENT)["access_token"]) for _ in range(2))
    assert one != two
    assert sells.is_bought(one)
    assert sells.credential(one) == "r"
    assert sells.lasts(one, now=4599)
    assert not sells.lasts(one, now=4600)
    sells.told("expired", [one])
    assert (sells.lasts(one, now=1000), sells.lasts(two, now=1000)) == (False, True)
    sells.told("revoked", ["r"])
    assert not sells.lasts(two, now=1000)


def test_a_token_that_was_never_sold_lasts_until_it_is_told() -> None:
    sells = shop()
    assert sells.lasts("by hand", now=1000)
    assert not sells.is_bought("by hand")
    assert sells.credential("by hand") == "by hand"
    sells.told("expired", ["by hand"])
    assert not sells.lasts("by hand", now=1000)
    with pytest.raises(KeyError):
        sells.told("typo", 1)


def test_the_local_stack_buys_where_simulators_sell() -> None:
    assert OAUTH_PATH == PATH
