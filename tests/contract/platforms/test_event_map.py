"""Where an account names what each event counts as, the others were never asked for."""

import json

import pytest

from processors.platforms.base import Result
from schemas.delivery import Platform
from tests.contract.platforms.conftest import Connect, account
from tests.contract.platforms.test_contract import good
from tests.contract.platforms.vendor import Vendor

MAPPED: dict[Platform, str] = {
    "google_ads": "conversion_actions",
    "linkedin": "conversions",
    "microsoft_ads": "goals",
}


@pytest.mark.parametrize(("platform", "part"), MAPPED.items())
async def test_what_a_tenant_never_mapped_is_unwanted_with_a_reason_and_costs_no_request(
    platform: Platform, part: str, vendor: Vendor, connect: Connect
) -> None:
    connector = await connect(platform)
    own = account(platform, {part: json.dumps({"Purchase": "1"})})
    answer = await connector.send(own, [good(platform, event_name="Lead")] * 2)
    assert (
        answer.results
        == (Result("unwanted", "the account has no conversion set for this event"),) * 2
    )
    assert not answer.opaque
    assert vendor.seen == []
    assert vendor.tokens == []
