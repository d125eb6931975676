"""The first-party id cookie: whose id it has, how long, for which host, and where there is none."""

from typing import Any

import pytest

from processors.gateway.cookies import LIFETIME_SECONDS, NAME, TWIN, cookie_of
from processors.gateway.policy import DEFAULT, Policy, domain_of
from tests.unit.gateway.asking import BROWSER, SERVER, Gateway
from tests.unit.gateway.test_privacy import HEADERS, under

LAX = Policy(same_site="Lax", cookie_domains=("shop.example.com", "example.com"))


async def asked(
    item: Any,
    policy: Policy = LAX,
    *,
    key: str = BROWSER,
    path: str = "/v1/touchpoints",
    headers: dict[str, str] | None = None,
) -> tuple[Gateway, dict[str, str]]:
    """The gateway, and the cookies that it set, each as the whole header."""
    gateway = under(policy)
    answer = await gateway.post(path, item, key=key, headers={**HEADERS, **(headers or {})})
    return gateway, {
        text.partition("=")[0]: text
        for name, text in answer.all_headers
        if name == "set-cookie"
    }  # fmt: skip


def visitors(gateway: Gateway) -> list[str | None]:
    return [record.visitor_id for record in gateway.outlet.records("touchpoints.v1")]


def value(cookies: dict[str, str], name: str = NAME) -> str:
    return cookies[name].partition(";")[0].partition("=")[2]


async def test_the_body_wins_and_both_cookies_are_aligned_to_it() -> None:
    gateway, cookies = await asked({"visitor_id": "v 1"}, headers={"cookie": f"{NAME}=other"})
    assert visitors(gateway) == ["v 1"]
    assert (value(cookies), value(cookies, TWIN)) == ("v%201", "v%201")


async def test_without_one_in_the_body_the_cookies_id_is_taken_and_renewed() -> None:
    gateway, cookies = await asked({"url": "/"}, headers={"cookie": f"a=b; {NAME}=v%201; c=d"})
    assert visitors(gateway) == ["v 1"]
    assert f"Max-Age={LIFETIME_SECONDS};" in cookies[NAME]


async def test_without_either_a_new_one_is_made_for_the_whole_request() -> None:
    gateway, cookies = await asked([{"url": "/a"}, {"url": "/b"}])
    again, other = await asked({"url": "/a"})
    assert visitors(gateway) == [value(cookies)] * 2
    assert len(value(cookies)) == 32
    assert visitors(again) == [value(other)] != [value(cookies)]


async def test_only_the_twin_can_be_read_by_a_page_and_both_are_secure() -> None:
    _, cookies = await asked({"visitor_id": "v"})
    assert "HttpOnly" in cookies[NAME]
    assert "HttpOnly" not in cookies[TWIN]
    for text in cookies.values():
        assert " Secure; SameSite=Lax" in text
        assert " Path=/;" in text


def test_browsers_keep_no_cookie_longer_than_400_days() -> None:
    assert LIFETIME_SECONDS == 395 * 24 * 3600


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("events.shop.example.com", "shop.example.com"),
        ("EVENTS.shop.example.com:8443", "shop.example.com"),
        ("shop.example.com", "shop.example.com"),
        ("www.example.com", "example.com"),
        ("badexample.com", None),
        ("example.org", None),
        ("127.0.0.1:8080", None),
    ],
)
async def test_the_longest_domain_that_fits_the_host_is_the_cookies(
    host: str, domain: str | None
) -> None:
    _, cookies = await asked({"visitor_id": "v"}, headers={"host": host})
    for text in cookies.values():
        assert ("Domain=" in text) == (domain is not None)
        assert domain is None or f" Domain={domain};" in text


def test_a_domain_fits_a_host_by_whole_labels() -> None:
    assert domain_of("shop.example.com.", ["shop.example.com"]) == "shop.example.com"
    assert domain_of("ashop.example.com", ["shop.example.com"]) is None


@pytest.mark.parametrize("junk", ["undefined", "", "%00", "x" * 300, "0"])
async def test_a_cookie_that_names_nobody_is_replaced(junk: str) -> None:
    gateway, cookies = await asked({"url": "/"}, headers={"cookie": f"{NAME}={junk}"})
    assert visitors(gateway) == [value(cookies)]
    assert len(value(cookies)) == 32


@pytest.mark.parametrize(
    ("policy", "consent"),
    [
        (LAX, {"analytics_storage": "denied"}),
        (Policy(same_site="Lax", silence_grants=False), None),
    ],
)
async def test_where_consent_does_not_allow_it_nothing_is_read_or_made_and_what_is_there_ends(
    policy: Policy, consent: Any
) -> None:
    item = {"identifiers": {"device_id": "d"}, "consent": consent}
    gateway, none = await asked(item, policy)
    assert (visitors(gateway), none) == ([None], {})
    gateway, ended = await asked(item, policy, headers={"cookie": f"{NAME}=v"})
    assert visitors(gateway) == [None]
    assert {"Max-Age=0" in text for text in ended.values()} == {True}
    assert value(ended) == ""


async def test_do_not_track_that_is_respected_sets_none() -> None:
    policy = Policy(same_site="Lax", dnt=True)
    _, cookies = await asked({"visitor_id": "v"}, policy, headers={"dnt": "1"})
    assert cookies == {}


@pytest.mark.parametrize("path", ["/v1/pixel.gif", "/v1/beacon"])
async def test_doors_without_a_script_set_it_too(path: str) -> None:
    gateway, method = under(LAX), "GET" if path.endswith("gif") else "POST"
    body = b"" if method == "GET" else b'{"event_name": "PageView"}'
    where = f"{path}?key={BROWSER}&event_name=PageView"
    answer = await gateway.ask(method, where, body, HEADERS)
    (record,) = gateway.outlet.records("pixel_events.v1")
    said = [text for name, text in answer.all_headers if name == "set-cookie"]
    assert said[0].startswith(f"{NAME}={record.visitor_id};")
    assert len(said) == 2


@pytest.mark.parametrize(
    ("policy", "key", "headers"),
    [
        (DEFAULT, BROWSER, {}),
        (LAX, SERVER, {}),
        (LAX, BROWSER, {"x-anonymous": "*"}),
        (Policy(same_site="Lax", anonymous=True), BROWSER, {}),
    ],
)
async def test_nobody_else_gets_one(policy: Policy, key: str, headers: dict[str, str]) -> None:
    given = {**headers, "cookie": f"{NAME}=other"}
    gateway, cookies = await asked({"visitor_id": "v"}, policy, key=key, headers=given)
    assert cookies == {}
    assert visitors(gateway) != ["other"]


async def test_a_grant_is_the_moment_at_which_the_first_one_is_set() -> None:
    item = {"visitor_id": "v", "consent": {"analytics_storage": "granted"}}
    policy = Policy(same_site="Lax", silence_grants=False)
    _, cookies = await asked(item, policy, path="/v1/consent")
    assert value(cookies) == "v"


@pytest.mark.parametrize(
    ("origin", "may_send_cookies"),
    [
        ("https://www.shop.example.com", True),
        ("https://example.com:8443", True),
        ("https://example.org", False),
        ("https://example.com.evil.test", False),
        ("null", False),
        ("https://[", False),
    ],
)
async def test_only_pages_of_the_shop_may_send_it_along(
    origin: str, may_send_cookies: bool
) -> None:
    gateway = under(LAX)
    given = {**HEADERS, "origin": origin}
    answer = await gateway.post("/v1/touchpoints", {"visitor_id": "v"}, key=BROWSER, headers=given)
    asked_before = await gateway.ask("OPTIONS", "/v1/touchpoints", b"", {"origin": origin})
    for found in (answer.headers, asked_before.headers):
        allowed = found["access-control-allow-origin"], "access-control-allow-credentials" in found
        assert allowed == ((origin, True) if may_send_cookies else ("*", False))


async def test_a_tenant_without_the_cookie_lets_no_page_send_any() -> None:
    gateway = under(Policy(cookie_domains=("example.com",)))
    given = {"origin": "https://example.com"}
    answer = await gateway.ask("OPTIONS", "/v1/touchpoints", b"", given)
    assert answer.headers["access-control-allow-origin"] == "*"
    assert cookie_of({}, gateway.directory.snapshot.policies["demo"]) is None
