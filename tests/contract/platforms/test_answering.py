"""What a request's events become: of one fate, each its own, or none known."""

import base64
from collections.abc import AsyncIterator, Sequence

import pytest

from processors.platforms.answering import Culprit, by_event, one_fate, unsent
from processors.platforms.base import Account, Request, Result
from processors.platforms.http import Http, Reply
from processors.platforms.oauth import Tokens
from tests.contract.platforms.vendor import TOKEN_PATH, Vendor

SENT, REFUSED = Result("sent"), Result("rejected", "HTTP 400")
ACCOUNT = Account(
    "acme", "1", {"refresh_token": "secret-r", "client_id": "c", "client_secret": "secret-c"}
)


@pytest.fixture
async def http() -> AsyncIterator[Http]:
    client = Http(timeout_seconds=5)
    yield client
    await client.close()


def asking(vendor: Vendor) -> Request:
    return Request(vendor.url + "/events", b"{}")


async def test_a_refusal_of_several_of_one_fate_is_opaque(vendor: Vendor, http: Http) -> None:
    several = await one_fate(http, asking(vendor), 2, lambda _: REFUSED)
    assert (several.results, several.opaque) == ((REFUSED, REFUSED), True)
    alone = await one_fate(http, asking(vendor), 1, lambda _: REFUSED)
    assert (alone.results, alone.opaque) == ((REFUSED,), False)


async def test_events_of_their_own_fates_are_never_asked_for_by_halves(
    vendor: Vendor, http: Http
) -> None:
    vendor.headers = {"Retry-After": "3"}
    answer = await by_event(http, asking(vendor), 2, lambda _: [SENT, REFUSED])
    assert (answer.results, answer.opaque, answer.pause_seconds) == ((SENT, REFUSED), False, 3)


async def test_an_answer_about_all_is_every_event_s(vendor: Vendor, http: Http) -> None:
    answer = await by_event(http, asking(vendor), 2, lambda _: REFUSED, pause=lambda _: 7.0)
    assert (answer.results, answer.opaque, answer.pause_seconds) == ((REFUSED, REFUSED), True, 7)


@pytest.mark.parametrize(
    ("index", "verdicts", "opaque"),
    [
        (1, ["retry", "rejected", "retry"], True),
        (0, ["rejected"], False),
        (7, ["rejected", "rejected"], True),
        (-1, ["rejected", "rejected"], True),
    ],
)
async def test_a_refusal_that_names_its_event_is_no_refusal_of_the_others(
    index: int, verdicts: list[str], opaque: bool, vendor: Vendor, http: Http
) -> None:
    answer = await by_event(http, asking(vendor), len(verdicts), lambda _: Culprit(index, "bad"))
    assert [result.verdict for result in answer.results] == verdicts
    assert answer.opaque is opaque


@pytest.mark.parametrize("told", [[], [SENT], [SENT] * 3])
async def test_results_that_do_not_match_the_events_leave_all_in_doubt(
    told: Sequence[Result], vendor: Vendor, http: Http
) -> None:
    answer = await by_event(http, asking(vendor), 2, lambda _: told)
    assert [result.verdict for result in answer.results] == ["unknown", "unknown"]
    assert not answer.opaque


async def test_silence_is_not_classified(vendor: Vendor, http: Http) -> None:
    def never(_: Reply) -> Result:
        raise AssertionError

    vendor.silent = True
    answer = await by_event(http, asking(vendor), 2, never)
    assert [result.verdict for result in answer.results] == ["unknown", "unknown"]


async def test_a_token_is_bought_once_until_it_ends_or_is_refused(
    vendor: Vendor, http: Http
) -> None:
    now = [0]
    tokens = Tokens(http, url=vendor.url + TOKEN_PATH, clock=lambda: now[0], scope="ads")
    for _ in range(2):
        assert await tokens.of(ACCOUNT) == "secret-1"
    assert vendor.tokens == [
        {
            "grant_type": "refresh_token",
            "refresh_token": "secret-r",
            "client_id": "c",
            "client_secret": "secret-c",
            "scope": "ads",
        }
    ]
    now[0] = 3_540_000
    await tokens.of(ACCOUNT)
    tokens.forget(ACCOUNT)
    await tokens.of(ACCOUNT)
    assert len(vendor.tokens) == 3


async def test_a_client_may_tell_who_it_is_in_a_header(vendor: Vendor, http: Http) -> None:
    url = vendor.url + TOKEN_PATH
    assert await Tokens(http, url=url, clock=lambda: 0, basic=True).of(ACCOUNT) == "secret-1"
    assert vendor.tokens == [{"grant_type": "refresh_token", "refresh_token": "secret-r"}]
    told = base64.b64encode(b"c:secret-c").decode()
    assert vendor.token_headers[0]["authorization"] == f"Basic {told}"


@pytest.mark.parametrize(
    ("credentials", "bought"),
    [
        ({"access_token": "lasting"}, False),
        ({"access_token": "lasting", "refresh_token": ""}, False),
        ({"access_token": "lasting", "refresh_token": "secret-r"}, True),
        ({}, True),
    ],
)
async def test_a_token_that_lasts_is_used_where_there_is_no_refresh_token(
    credentials: dict[str, str], bought: bool, vendor: Vendor, http: Http
) -> None:
    tokens = Tokens(http, url=vendor.url + TOKEN_PATH, clock=lambda: 0)
    found = await tokens.of(Account("acme", "1", credentials))
    assert found == ("secret-1" if bought else "lasting")
    assert len(vendor.tokens) == bought


@pytest.mark.parametrize(
    ("answer", "result"),
    [
        ((400, {"error": "invalid_grant"}), Result("reauth", "token: invalid_grant")),
        ((401, {}), Result("reauth", "token: HTTP 401")),
        ((429, {}), Result("throttled", "token: HTTP 429")),
        ((503, "busy"), Result("retry", "token: HTTP 503")),
        ((200, {}), Result("retry", "token: HTTP 200")),
    ],
)
async def test_without_a_token_nothing_is_sent_and_the_reason_is_every_event_s(
    answer: tuple[int, object], result: Result, vendor: Vendor, http: Http
) -> None:
    vendor.token_answer = answer
    found = await Tokens(http, url=vendor.url + TOKEN_PATH, clock=lambda: 0).of(ACCOUNT)
    assert found == result
    assert unsent(asking(vendor), 2, result).results == (result, result)
    assert vendor.seen == []
