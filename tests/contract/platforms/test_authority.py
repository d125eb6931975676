"""The authorization server of simulators: who may buy, and how long what was bought lasts."""

import base64
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from deploy.simulators.authority import API, AUTHORIZE, EXCHANGE, REVOKE, Authority
from deploy.simulators.authority_dialects import DIALECTS
from processors.platforms.base import OAUTH_PART
from processors.platforms.grants import GRANTS
from processors.platforms.registry import CONNECTIONS
from tests.contract.platforms.test_simulators import Client

CLIENT: Final = {"client_id": "c", "client_secret": "s"}
APP: Final = {"client_id": "app", "client_secret": "secret-of-app"}
BACK: Final = "https://x.example/"
BASIC: Final = {"authorization": f"Basic {base64.b64encode(b'c:s%3A').decode()}"}


class Vendor(Client):
    """An authorization server whose time is told."""

    def __init__(self, platform: str) -> None:
        self.now = 1_000.0
        self.authority = Authority(DIALECTS[platform], clock=lambda: self.now)

        async def sell(request: Request) -> Response:
            return self.authority.token(request, await request.body())

        selling = Route(EXCHANGE, sell, methods=["POST"])
        super().__init__(Starlette(routes=[selling, *self.authority.routes()]))

    def buy(self, form: dict[str, str], headers: dict[str, str] | None = None) -> dict[str, Any]:
        """The answer to a refresh token, `r` if none is told."""
        usual = {"grant_type": "refresh_token", "refresh_token": "r"}
        found: dict[str, Any] = self.post(EXCHANGE, data=usual | form, headers=headers).json()
        return found

    def code(self) -> str:
        """Of somebody who signs in at Snapchat."""
        scope = DIALECTS["snapchat"].scope
        asked = f"response_type=code&client_id=app&redirect_uri={BACK}&state=s&scope={scope}"
        page = self.get(f"{AUTHORIZE}?{asked}")
        return parse_qs(urlsplit(page.headers["location"]).query)["code"][0]

    def exchange(self, code: str, **form: str) -> dict[str, Any]:
        """The answer to a code."""
        usual = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, **APP}
        found: dict[str, Any] = self.post(EXCHANGE, data=usual | form).json()
        return found


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
    vendor = Vendor("snapchat")
    vendor.authority.told("revoked", ["gone"])
    assert vendor.buy(form) == {"error": error}
    assert vendor.authority.sold == 0


def test_who_must_say_so_in_a_header_is_not_heard_in_the_form() -> None:
    vendor = Vendor("klaviyo")
    assert vendor.buy(CLIENT) == {"error": "invalid_client"}
    assert vendor.buy({}, {"authorization": "Basic ?"}) == {"error": "invalid_client"}
    assert vendor.buy({}, BASIC)["expires_in"] == 3600


def test_microsoft_wants_the_scope_with_each_refresh() -> None:
    vendor = Vendor("microsoft_ads")
    assert vendor.buy(CLIENT)["error"] == "invalid_scope"
    assert vendor.buy({**CLIENT, "scope": GRANTS["microsoft_ads"].scope})["refresh_token"] == "r"


def test_a_token_lasts_its_time_and_while_what_bought_it_is_good() -> None:
    vendor = Vendor("snapchat")
    sells = vendor.authority
    one, two = (str(vendor.buy(CLIENT)["access_token"]) for _ in range(2))
    assert one != two
    assert sells.is_sold(one)
    assert sells.credential(one) == "r"
    vendor.now = 4599
    assert sells.lasts(one)
    vendor.now = 4600
    assert (sells.lasts(one), sells.state(one)) == (False, "expired")
    vendor.now = 1000
    sells.told("expired", [one])
    assert (sells.lasts(one), sells.lasts(two)) == (False, True)
    sells.told("revoked", ["r"])
    assert (sells.lasts(two), sells.state(two)) == (False, "revoked")


def test_a_token_that_was_never_sold_lasts_until_it_is_told() -> None:
    sells = Vendor("snapchat").authority
    assert sells.lasts("by hand")
    assert not sells.lasts("")
    assert not sells.is_sold("by hand")
    assert sells.credential("by hand") == "by hand"
    sells.told("expired", ["by hand"])
    assert not sells.lasts("by hand")
    with pytest.raises(KeyError):
        sells.told("typo", 1)


def test_a_refresh_token_is_of_one_client_and_an_app_that_signs_in_must_know_its_secret() -> None:
    vendor = Vendor("snapchat")
    assert "access_token" in vendor.buy(CLIENT)
    assert vendor.buy({**CLIENT, "client_id": "other"}) == {"error": "invalid_grant"}
    refresh = vendor.exchange(vendor.code())["refresh_token"]
    assert vendor.buy({**CLIENT, "refresh_token": refresh}) == {"error": "invalid_grant"}
    wrong = {**APP, "client_secret": "s", "refresh_token": refresh}
    assert vendor.buy(wrong) == {"error": "invalid_client"}
    assert "access_token" in vendor.buy({**APP, "refresh_token": refresh})


def test_a_code_is_used_once_and_where_it_was_made_for() -> None:
    vendor = Vendor("snapchat")
    assert vendor.exchange(vendor.code(), redirect_uri="https://y.example/")["error"]
    code = vendor.code()
    assert "access_token" in vendor.exchange(code)
    assert vendor.exchange(code) == {"error": "invalid_grant"}


def test_a_refresh_token_that_rotates_is_void_and_speaks_for_the_same_account() -> None:
    vendor = Vendor("snapchat")
    vendor.authority.told("rotates", True)
    first = vendor.exchange(vendor.code())["refresh_token"]
    sold = vendor.buy({**APP, "refresh_token": first})
    assert sold["refresh_token"] != first
    assert vendor.buy({**APP, "refresh_token": first}) == {"error": "invalid_grant"}
    again = vendor.buy({**APP, "refresh_token": sold["refresh_token"]})
    assert vendor.authority.credential(again["access_token"]) == first


def test_who_is_to_be_forgotten_has_no_token_left_and_another_has() -> None:
    vendor = Vendor("snapchat")
    one, other = (vendor.exchange(vendor.code()) for _ in range(2))
    assert vendor.post(REVOKE, data={"token": one["refresh_token"]}).status_code == 200
    tokens = [each["access_token"] for each in (one, other)]
    asked = [vendor.get(API + "/me", headers={"authorization": f"Bearer {t}"}) for t in tokens]
    assert [answer.status_code for answer in asked] == [401, 200]
    assert vendor.buy({**APP, "refresh_token": one["refresh_token"]}) == {"error": "invalid_grant"}


def test_every_vendor_that_is_connected_to_has_a_dialect() -> None:
    assert DIALECTS.keys() == GRANTS.keys()


def test_the_local_stack_sells_tokens_for_every_platform_that_buys_them() -> None:
    """It does for those that are connected to."""
    buying = {
        platform
        for platform, connection in CONNECTIONS.items()
        if any(field.part == OAUTH_PART for field in connection.values())
    }
    assert buying <= GRANTS.keys()
