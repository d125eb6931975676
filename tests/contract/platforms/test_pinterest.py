"""What Pinterest's connector does beside its cases: tokens that end, and tests."""

from collections.abc import AsyncIterator

import pytest

from processors.platforms.base import Account, Result
from processors.platforms.pinterest.client import Pinterest
from tests.contract.platforms.conftest import NOW_MS, Connect, account
from tests.contract.platforms.test_contract import good
from tests.contract.platforms.vendor import TOKEN_PATH, Vendor

APP = Account(
    "acme", "549", {"refresh_token": "secret-r", "client_id": "c", "client_secret": "secret-c"}
)
PROCESSED = {
    "num_events_received": 1,
    "num_events_processed": 1,
    "events": [{"status": "processed"}],
}


@pytest.fixture
async def testing(vendor: Vendor, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Pinterest]:
    """A connector that sends tests."""
    monkeypatch.setenv("ATTRIBUTARY_PINTEREST_BASE_URL", vendor.url)
    monkeypatch.setenv("ATTRIBUTARY_PINTEREST_TOKEN_URL", vendor.url + TOKEN_PATH)
    monkeypatch.setenv("ATTRIBUTARY_PINTEREST_TEST", "true")
    monkeypatch.setenv("ATTRIBUTARY_PINTEREST_VERSION", "v6")
    connector = Pinterest.load(lambda: NOW_MS)
    yield connector
    await connector.close()


async def test_a_token_is_bought_by_a_client_that_says_so_in_a_header_and_again_when_refused(
    vendor: Vendor, connect: Connect
) -> None:
    connector, vendor.body = await connect("pinterest"), PROCESSED
    for _ in range(2):
        assert (await connector.send(APP, [good("pinterest")])).results == (Result("sent"),)
    assert {seen.headers["authorization"] for seen in vendor.seen} == {"Bearer secret-1"}
    assert len(vendor.tokens) == 1
    assert vendor.token_headers[0]["authorization"].startswith("Basic ")
    vendor.status = 401
    assert (await connector.send(APP, [good("pinterest")])).results[0].verdict == "reauth"
    await connector.send(APP, [good("pinterest")])
    assert len(vendor.tokens) == 2


async def test_without_a_token_no_event_leaves(vendor: Vendor, connect: Connect) -> None:
    connector = await connect("pinterest")
    vendor.token_answer = (401, {"code": 2, "message": "Authentication failed."})
    answer = await connector.send(APP, [good("pinterest")] * 2)
    assert answer.results == (Result("reauth", "token: HTTP 401"),) * 2
    assert vendor.seen == []


async def test_tests_go_alone_where_nothing_is_recorded(vendor: Vendor, testing: Pinterest) -> None:
    one, two = good("pinterest"), good("pinterest", event_id="f" * 32)
    assert testing.group(one) != testing.group(two)
    vendor.body = PROCESSED
    await testing.send(account("pinterest"), [one])
    assert vendor.seen[0].path == "/v6/ad_accounts/acct-1/events"
    assert vendor.seen[0].params == {"test": "true"}


async def test_events_of_an_account_share_a_request(connect: Connect) -> None:
    connector = await connect("pinterest")
    one, two = good("pinterest"), good("pinterest", event_id="f" * 32)
    assert connector.group(one) == connector.group(two)
