"""Google Ads beyond its cases: tokens, what is only checked, and what nobody asked for."""

import pytest

from processors.platforms.base import Result
from processors.platforms.google_ads.settings import CONNECTION
from tests.contract.platforms.conftest import Connect, account
from tests.contract.platforms.test_contract import good
from tests.contract.platforms.vendor import Vendor

UPLOADS = {"api": "click_uploads"}


async def test_a_token_is_bought_once_and_again_after_it_was_refused(
    vendor: Vendor, connect: Connect
) -> None:
    connector = await connect("google_ads")
    for status in (200, 200, 401, 200):
        vendor.status, vendor.body = status, {"requestId": "1"}
        await connector.send(account("google_ads"), [good("google_ads")])
    assert len(vendor.tokens) == 2
    assert vendor.tokens[0] == {
        "grant_type": "refresh_token",
        "refresh_token": "secret-1",
        "client_id": "secret-1",
        "client_secret": "secret-1",
    }


async def test_without_a_token_nothing_is_sent(vendor: Vendor, connect: Connect) -> None:
    vendor.token_answer = (400, {"error": "invalid_grant"})
    connector = await connect("google_ads")
    answer = await connector.send(account("google_ads"), [good("google_ads")] * 2)
    assert answer.results == (Result("reauth", "token: invalid_grant"),) * 2
    assert vendor.seen == []


async def test_an_event_without_a_conversion_action_is_unwanted_and_costs_no_request(
    vendor: Vendor, connect: Connect
) -> None:
    connector = await connect("google_ads")
    event = good("google_ads", event_name="RemoveFromCart")
    answer = await connector.send(account("google_ads"), [event, event])
    wanted = Result("unwanted", "the account has no conversion set for this event")
    assert answer.results == (wanted, wanted)
    assert vendor.seen == []
    assert vendor.tokens == []


@pytest.mark.parametrize("credentials", [{}, UPLOADS])
async def test_in_test_mode_all_is_checked_and_nothing_counts(
    credentials: dict[str, str],
    vendor: Vendor,
    connect: Connect,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ATTRIBUTARY_GOOGLE_ADS_VALIDATE_ONLY", "true")
    vendor.body = {"jobId": "1"}
    connector = await connect("google_ads")
    answer = await connector.send(account("google_ads", credentials), [good("google_ads")])
    assert vendor.seen[0].body["validateOnly"] is True
    assert answer.results == (Result("sent"),)


async def test_a_request_has_conversions_of_one_action_or_adjustments(connect: Connect) -> None:
    connector = await connect("google_ads")
    purchase, lead = good("google_ads"), good("google_ads", event_name="Lead")
    adjust = good("google_ads", kind="adjust")
    cancel = good("google_ads", kind="cancel")
    groups = [connector.group(each) for each in (purchase, lead, adjust, cancel)]
    assert groups[2] == groups[3]
    assert len(set(groups)) == 3


@pytest.mark.parametrize(
    ("name", "told", "stored"),
    [
        ("google_ads_customer_id", "123-456-7890", "1234567890"),
        ("google_ads_login_customer_id", " 1234567890", "1234567890"),
        ("google_ads_conversion_actions", "Purchase = 1, My=2", '{"My":"2","Purchase":"1"}'),
        ("google_ads_api", "click_uploads", "click_uploads"),
    ],
)
def test_what_a_tenant_says_is_kept_as_google_wants_it(name: str, told: str, stored: str) -> None:
    assert CONNECTION[name].read(told) == stored


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("google_ads_customer_id", "act_1234567890"),
        ("google_ads_customer_id", "123456789"),
        ("google_ads_conversion_actions", ""),
        ("google_ads_conversion_actions", "Purchase"),
        ("google_ads_conversion_actions", "Purchase=AW-1/x"),
        ("google_ads_conversion_actions", "Purchase=1=2"),
        ("google_ads_api", "both"),
    ],
)
def test_what_a_tenant_says_wrongly_is_refused_at_once(name: str, told: str) -> None:
    with pytest.raises(ValueError, match=r"must be|digits"):
        CONNECTION[name].read(told)
