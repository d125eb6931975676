"""What is Klaviyo's own: OAuth apps, phone numbers that it does not believe in, sealed details."""

import base64
import json
from typing import Any

import pytest

from processors.engine.sealing import Sealer
from processors.engine.settings import Incomplete
from processors.platforms.base import Account, Result
from processors.platforms.klaviyo.client import Klaviyo
from schemas.delivery import Delivery
from tests.contract.platforms.conftest import NOW_MS, SEAL_KEY, Connect, account
from tests.contract.platforms.test_contract import good
from tests.contract.platforms.vendor import Vendor

APP = Account(
    "acme",
    "acct-1",
    {"refresh_token": "secret-r", "client_id": "app", "client_secret": "secret-c"},
)
ROW = "/data/attributes/events-bulk-create/data/{}/attributes/profile/data/attributes/phone_number"


def phoned(**rest: str) -> Delivery:
    details = {"phone": "+1 415 555 0100", **rest}
    return good("klaviyo", user_data={"sealed": Sealer(SEAL_KEY).seal("acme", details)})


def refused(*pointers: str) -> dict[str, Any]:
    return {"errors": [{"code": "invalid", "source": {"pointer": each}} for each in pointers]}


async def test_an_app_buys_a_token_by_basic_and_buys_another_when_it_is_refused(
    vendor: Vendor, connect: Connect
) -> None:
    connector = await connect("klaviyo")
    vendor.status = 202
    assert (await connector.send(APP, [good("klaviyo")])).results == (Result("sent"),)
    assert vendor.seen[0].headers["authorization"] == "Bearer secret-1"
    assert vendor.tokens == [{"grant_type": "refresh_token", "refresh_token": "secret-r"}]
    vendor.status = 401
    answer = await connector.send(APP, [good("klaviyo")])
    assert answer.results[0].verdict == "reauth"
    vendor.status = 202
    await connector.send(APP, [good("klaviyo")])
    assert len(vendor.tokens) == 2
    assert "secret" not in str(answer)


@pytest.mark.parametrize("error", ["invalid_grant", "invalid_grant_type"])
async def test_a_refresh_token_that_ended_waits_for_a_human(
    error: str, vendor: Vendor, connect: Connect
) -> None:
    vendor.token_answer = 400, {"error": error}
    answer = await (await connect("klaviyo")).send(APP, [good("klaviyo")] * 2)
    assert answer.results == (Result("reauth", f"token: {error}"),) * 2
    assert vendor.seen == []


async def test_a_refused_phone_is_left_out_at_once_where_something_else_is_known(
    vendor: Vendor, connect: Connect
) -> None:
    connector = await connect("klaviyo")
    vendor.status, vendor.body = 400, refused(ROW.format(1))
    both = [phoned(email="a@example.com"), phoned(email="b@example.com")]
    await connector.send(account("klaviyo"), both)
    people = [
        [
            row["attributes"]["profile"]["data"]["attributes"]
            for row in seen.body["data"]["attributes"]["events-bulk-create"]["data"]
        ]
        for seen in vendor.seen
    ]
    number = "+14155550100"
    assert people == [
        [
            {"email": "a@example.com", "phone_number": number},
            {"email": "b@example.com", "phone_number": number},
        ],
        [{"email": "a@example.com", "phone_number": number}, {"email": "b@example.com"}],
    ]


@pytest.mark.parametrize(
    ("delivery", "pointers"),
    [
        (phoned(), ["/data/attributes/profile/data/attributes/phone_number"]),
        (phoned(email="a@example.com"), ["/data/x/phone_number", "/data/attributes/time"]),
        (phoned(email="a@example.com"), []),
    ],
)
async def test_a_refusal_that_no_missing_phone_would_lift_is_one(
    delivery: Delivery, pointers: list[str], vendor: Vendor, connect: Connect
) -> None:
    vendor.status, vendor.body = 400, refused(*pointers)
    answer = await (await connect("klaviyo")).send(account("klaviyo"), [delivery])
    assert [each.verdict for each in answer.results] == ["rejected"]
    assert len(vendor.seen) == 1
    assert "415" not in str(answer)


async def test_without_the_key_sealed_details_wait_and_others_are_sent(
    vendor: Vendor, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    await connect("klaviyo")
    monkeypatch.delenv("ATTRIBUTARY_SEAL_KEY")
    connector = Klaviyo.load(lambda: NOW_MS)
    vendor.status = 202
    sealed = phoned(email="a@example.com")
    assert connector.refusal(sealed) is None
    answer = await connector.send(account("klaviyo"), [sealed])
    assert [(each.verdict, each.error) for each in answer.results] == [
        ("reauth", "the details are sealed and ATTRIBUTARY_SEAL_KEY is not set")
    ]
    assert vendor.seen == []
    known = good("klaviyo", user_data={}, identifiers={"customer_id": "c-1"})
    assert (await connector.send(account("klaviyo"), [known])).results == (Result("sent"),)
    await connector.close()


@pytest.mark.parametrize("key", ["not base64", base64.b64encode(b"short").decode()])
def test_a_key_that_cannot_be_one_is_told_at_the_start(
    key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ATTRIBUTARY_SEAL_KEY", key)
    with pytest.raises(Incomplete, match="ATTRIBUTARY_SEAL_KEY"):
        Klaviyo.load(lambda: NOW_MS)


async def test_a_shop_may_name_its_purchases_otherwise_and_start_no_flows(
    vendor: Vendor, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ATTRIBUTARY_KLAVIYO_PURCHASE_NAME", "Order of the shop")
    monkeypatch.setenv("ATTRIBUTARY_KLAVIYO_BACKFILL", "true")
    monkeypatch.setenv("ATTRIBUTARY_KLAVIYO_REVISION", "2026-10-15")
    vendor.status = 202
    await (await connect("klaviyo")).send(account("klaviyo"), [good("klaviyo")])
    (seen,) = vendor.seen
    said = seen.body["data"]["attributes"]
    assert said["metric"]["data"]["attributes"] == {"name": "Order of the shop"}
    assert said["backfill"] is True
    assert seen.headers["revision"] == "2026-10-15"
    assert "mary" not in json.dumps(said["properties"])
