"""What Snapchat's connector does beside its cases: tokens that end, and test events."""

from collections.abc import AsyncIterator

import pytest

from processors.platforms.base import Account, Result
from processors.platforms.snapchat.client import Snapchat
from tests.contract.platforms.conftest import NOW_MS, Connect, account
from tests.contract.platforms.test_contract import good
from tests.contract.platforms.vendor import TOKEN_PATH, Vendor

APP = Account(
    "acme", "px", {"refresh_token": "secret-r", "client_id": "c", "client_secret": "secret-c"}
)
VALID = {"status": "VALID"}


@pytest.fixture
async def testing(vendor: Vendor, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Snapchat]:
    """A connector that sends test events."""
    monkeypatch.setenv("ATTRIBUTARY_SNAPCHAT_BASE_URL", vendor.url)
    monkeypatch.setenv("ATTRIBUTARY_SNAPCHAT_TOKEN_URL", vendor.url + TOKEN_PATH)
    monkeypatch.setenv("ATTRIBUTARY_SNAPCHAT_TEST_EVENTS", "true")
    monkeypatch.setenv("ATTRIBUTARY_SNAPCHAT_VERSION", "v4")
    connector = Snapchat.load(lambda: NOW_MS)
    yield connector
    await connector.close()


async def test_a_token_is_bought_once_and_again_when_it_is_refused(
    vendor: Vendor, connect: Connect
) -> None:
    connector, vendor.body = await connect("snapchat"), VALID
    for _ in range(2):
        assert (await connector.send(APP, [good("snapchat")])).results == (Result("sent"),)
    assert [seen.params for seen in vendor.seen] == [{"access_token": "secret-1"}] * 2
    assert len(vendor.tokens) == 1
    vendor.status = 401
    assert (await connector.send(APP, [good("snapchat")])).results[0].verdict == "reauth"
    await connector.send(APP, [good("snapchat")])
    assert len(vendor.tokens) == 2


async def test_without_a_token_no_event_leaves(vendor: Vendor, connect: Connect) -> None:
    connector = await connect("snapchat")
    vendor.token_answer = (400, {"error": "invalid_grant"})
    answer = await connector.send(APP, [good("snapchat")] * 2)
    assert answer.results == (Result("reauth", "token: invalid_grant"),) * 2
    assert vendor.seen == []


async def test_test_events_go_where_nothing_counts(vendor: Vendor, testing: Snapchat) -> None:
    vendor.body = VALID
    await testing.send(account("snapchat"), [good("snapchat")])
    assert vendor.seen[0].path == "/v4/acct-1/events/validate"
