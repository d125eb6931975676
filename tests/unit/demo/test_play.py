"""The player repeats what had no answer, honours what the gateway asks for, and holds every
answer against what must come."""

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Callable
from itertools import count

import httpx
import orjson

from deploy.demo.lines import Request, post
from deploy.demo.play import Access, Player

ACCESSES = {"demo": Access(key="k-1", shop_domain="a.myshopify.com", secret="s-1")}
TOUCH = {"visitor_id": "v-1"}


def receipt(accepted: int, *, status: int = 200, offset: int | None = 5) -> httpx.Response:
    receipts = [{"index": index, "offset": offset} for index in range(accepted)]
    body = {"accepted": accepted, "rejected": [], "receipts": receipts}
    return httpx.Response(status, content=orjson.dumps(body))


def player(answer: Callable[[httpx.Request], httpx.Response], **rest: object) -> Player:
    transport = httpx.MockTransport(answer)
    return Player("http://gateway.example.com", ACCESSES, transport=transport, **rest)  # type: ignore[arg-type]


async def test_a_request_without_an_answer_is_sent_again_until_it_has_one() -> None:
    calls = count()

    def answer(request: httpx.Request) -> httpx.Response:
        match next(calls):
            case 0:
                raise httpx.ConnectError("refused", request=request)
            case 1:
                raise httpx.RemoteProtocolError("killed before it answered", request=request)
            case 2:
                return httpx.Response(503, headers={"Retry-After": "0"})
            case _:
                return receipt(1)

    found = player(answer)
    await found.play([post("/v1/touchpoints", TOUCH)])
    assert (found.played.accepted, found.played.sent_again, found.played.wrong) == (1, 3, [])


async def test_spooled_is_as_good_as_taken_and_counted_apart() -> None:
    found = player(lambda _: receipt(1, status=202, offset=None))
    await found.play([post("/v1/touchpoints", TOUCH)])
    assert (found.played.spooled, found.played.accepted, found.played.wrong) == (1, 1, [])


async def test_an_answer_other_than_expected_is_told() -> None:
    expected = [
        (Request(path="/v1/touchpoints", body=b"{", expect=400), receipt(1)),
        (post("/v1/touchpoints", TOUCH), httpx.Response(422, content=b"{}")),
        (post("/v1/touchpoints", [TOUCH, TOUCH]), receipt(1)),
        (post("/v1/touchpoints", TOUCH), receipt(1, offset=None)),
    ]
    for request, response in expected:
        found = player(lambda _, response=response: response)  # type: ignore[misc]
        await found.play([request])
        assert len(found.played.wrong) == 1


async def test_a_users_own_requests_expect_nothing() -> None:
    found = player(lambda _: httpx.Response(422, content=b"{}"))
    await found.play([post("/v1/touchpoints", TOUCH, expect=None)])
    assert (found.played.wrong, found.played.statuses[422]) == ([], 1)


async def test_each_kind_of_access_goes_where_the_gateway_reads_it() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return receipt(1)

    hook = post("/api/webhooks/shopify/orders/paid", {"id": 1}, key="none", sign="shopify")
    sent = [post("/v1/events", TOUCH), post("/v1/events", TOUCH, key="query"), hook]
    for request in sent:
        await player(answer).play([request])
    assert seen[0].headers["authorization"] == "Bearer k-1"
    assert seen[1].url.params["key"] == "k-1"
    digest = hmac.new(b"s-1", hook.body, hashlib.sha256).digest()
    assert seen[2].headers["x-shopify-hmac-sha256"] == b64encode(digest).decode()
    assert seen[2].headers["x-shopify-shop-domain"] == "a.myshopify.com"
    assert "authorization" not in seen[2].headers


async def test_everything_is_sent_and_orders_are_told_once_acknowledged() -> None:
    told: list[str] = []
    found = player(lambda _: receipt(1), told=lambda request, _: told.append(request.orders[0][1]))
    requests = [
        post("/v1/orders", {"order_id": str(n)}, orders=(("api", str(n)),)) for n in range(50)
    ]
    await found.play(requests)
    assert sorted(told, key=int) == [str(n) for n in range(50)]
    assert found.played.requests == 50
