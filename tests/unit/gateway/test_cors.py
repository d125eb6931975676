"""Which pages may read an answer."""

import hashlib
from typing import Any

import pytest

from processors.domain.origins import Origins
from processors.engine.settings import Incomplete
from processors.gateway.keys import Key, Rules
from tests.unit.gateway.asking import BROWSER, Answer, Gateway, settings

TOUCH = {"visitor_id": "v1"}
SHOP, EVIL, LISTED = "https://shop.example", "https://evil.example", "https://app.example"
ALLOWED, COOKIES = "access-control-allow-origin", "access-control-allow-credentials"


def gateway_of(**overrides: Any) -> Gateway:
    """A gateway with a key that is bound to the shop."""
    gateway = Gateway(**overrides)
    snapshot = gateway.directory.snapshot
    key = Key("demo", False, rules=Rules(origins=Origins([SHOP])))
    snapshot.keys[hashlib.sha256(b"mine").hexdigest()] = key
    object.__setattr__(snapshot, "key_origins", Origins([SHOP]))
    return gateway


async def asked(gateway: Gateway, origin: str, *, path: str = "/v1/events", **more: str) -> Answer:
    """A preflight."""
    return await gateway.ask("OPTIONS", path, b"", {"origin": origin, **more})


async def posted(gateway: Gateway, origin: str, key: str) -> Answer:
    """An event from a page."""
    headers = {"origin": origin}
    return await gateway.post("/v1/touchpoints", TOUCH, key=key, headers=headers)


async def test_a_keys_own_page_may_read_and_send_cookies() -> None:
    answer = await posted(gateway_of(cors_allow_origin=""), SHOP, "mine")

    assert answer.headers[ALLOWED] == SHOP
    assert answer.headers[COOKIES] == "true"
    assert answer.headers["vary"] == "Origin"


async def test_a_page_that_may_read_sees_how_long_it_is_asked_to_wait() -> None:
    assert (await posted(gateway_of(cors_allow_origin=""), SHOP, "mine")).headers[
        "access-control-expose-headers"
    ] == "retry-after"
    stranger = await posted(gateway_of(cors_allow_origin=""), EVIL, "mine")
    assert "access-control-expose-headers" not in stranger.headers


async def test_a_page_of_the_settings_list_may_read_with_a_key_that_has_no_list() -> None:
    gateway = gateway_of(cors_allow_origin=f"{LISTED},*.shop.example")

    listed, under = [await posted(gateway, o, BROWSER) for o in (LISTED, "https://a.shop.example")]
    evil = await posted(gateway, EVIL, BROWSER)

    assert (listed.headers[ALLOWED], under.headers[ALLOWED]) == (LISTED, "https://a.shop.example")
    assert evil.status == 200
    assert ALLOWED not in evil.headers
    assert evil.headers["vary"] == "Origin"


async def test_the_settings_list_opens_no_key_that_has_its_own() -> None:
    answer = await posted(gateway_of(cors_allow_origin=f"{LISTED},*"), LISTED, "mine")

    assert answer.status == 403
    assert ALLOWED not in answer.headers


@pytest.mark.parametrize("origin", [EVIL, "null"])
async def test_everybody_may_read_but_without_cookies(origin: str) -> None:
    gateway = gateway_of()
    answer, preflight = await posted(gateway, origin, BROWSER), await asked(gateway, origin)

    for found in (answer, preflight):
        assert found.headers[ALLOWED] == "*"
        assert COOKIES not in found.headers


async def test_an_answer_to_nobodys_page_says_nothing_of_origins() -> None:
    answer = await gateway_of().post("/v1/touchpoints", TOUCH)

    assert not [name for name in answer.headers if name.startswith("access-control")]


async def test_a_preflight_is_allowed_what_any_key_or_the_list_allows() -> None:
    gateway = gateway_of(cors_allow_origin=LISTED)

    for origin in (SHOP, LISTED):
        answer = await asked(gateway, origin)
        assert (answer.status, answer.headers[ALLOWED]) == (204, origin)
        assert answer.headers["vary"] == "Origin"
        assert "POST" in answer.headers["access-control-allow-methods"]
        assert "x-dry-run" in answer.headers["access-control-allow-headers"]
        assert int(answer.headers["access-control-max-age"]) > 0
    for origin in (EVIL, "null"):
        refused = await asked(gateway, origin)
        assert refused.status == 204
        assert ALLOWED not in refused.headers


async def test_a_preflight_that_shows_its_key_is_held_against_it() -> None:
    gateway = gateway_of(cors_allow_origin=LISTED)

    own = await asked(gateway, SHOP, path="/v1/events?key=mine")
    other = await asked(gateway, LISTED, path="/v1/events?key=mine")

    assert own.headers[ALLOWED] == SHOP
    assert ALLOWED not in other.headers


async def test_a_private_network_is_opened_to_pages_of_a_list_alone() -> None:
    asks = {"access-control-request-private-network": "true"}
    name = "access-control-allow-private-network"

    assert (await asked(gateway_of(), SHOP, **asks)).headers[name] == "true"
    assert name not in (await asked(gateway_of(), SHOP)).headers
    assert name not in (await asked(gateway_of(), EVIL, **asks)).headers


async def test_the_api_may_be_asked_by_pages_of_the_list() -> None:
    gateway = gateway_of(cors_allow_origin=LISTED)

    answer = await asked(gateway, LISTED, path="/api/v1/auth/login")
    wrong = await gateway.post("/api/v1/auth/login", {}, key=None, headers={"origin": LISTED})

    assert (answer.status, answer.headers[ALLOWED]) == (204, LISTED)
    assert (wrong.status, wrong.headers[ALLOWED]) == (422, LISTED)


def test_a_list_that_cannot_be_one_stops_the_start_by_name() -> None:
    with pytest.raises(Incomplete, match="ATTRIBUTARY_GATEWAY_CORS_ALLOW_ORIGIN"):
        settings(cors_allow_origin="https://shop.example/path")
