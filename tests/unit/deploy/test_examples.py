"""The examples say what the gateway takes, and what belongs together meets under one id."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from deploy.examples import connection, platforms, verify, whatsapp
from tests.unit.client.gateways import URL, client_of, through
from tests.unit.gateway.asking import ACCOUNTS, NOW, SECRET, SERVER, Gateway

AT = datetime.fromtimestamp(NOW / 1000, UTC)


def test_a_shoppers_way_is_taken_whole_and_the_purchase_is_one_order() -> None:
    gateway = Gateway()
    with client_of(gateway) as client:
        platforms.play(client, order_id="e-1", now=AT)
    orders = gateway.outlet.records("orders.v1")
    assert {order.order_id for order in orders} == {"e-1"}
    assert [order.status for order in orders] == ["paid", "partially_refunded"]
    assert [touch.visitor_id for touch in gateway.outlet.records("touchpoints.v1")] == [
        "visitor-e-1"
    ]


def test_a_chat_that_an_ad_led_to_and_its_sale_are_of_one_phone() -> None:
    gateway = Gateway()
    raw = whatsapp.told(ACCOUNTS["whatsapp"], name="n", at=AT - timedelta(minutes=30))
    with httpx.Client(base_url=URL, transport=through(gateway)) as vendor:
        headers = whatsapp.signed(raw, SECRET)
        assert vendor.post(whatsapp.PATH, content=raw, headers=headers).status_code == 200
        wrong = whatsapp.signed(raw, b"another")
        assert vendor.post(whatsapp.PATH, content=raw, headers=wrong).status_code == 401
    with client_of(gateway) as client:
        whatsapp.sell(client, order_id="c-1", at=AT)
    (touch,) = gateway.outlet.records("touchpoints.v1")
    (order,) = gateway.outlet.records("orders.v1")
    assert touch.identifiers.phone_sha256
    assert touch.identifiers.phone_sha256 == order.identifiers.phone_sha256


def test_an_example_without_a_stack_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GATEWAY_URL", raising=False)
    with pytest.raises(SystemExit, match="GATEWAY_URL"):
        connection.client()


def test_a_deployment_is_verified_by_four_checks_and_a_second_row_fails_it() -> None:
    gateway = Gateway()
    rows = [{"platform": "meta", "n": 1, "attempts": 1, "state": "sent"}]
    key = {"Authorization": f"Bearer {SERVER}"}
    with httpx.Client(base_url=URL, transport=through(gateway), headers=key) as http:

        def run() -> dict[str, verify.Check]:
            found = verify.checks(http, tenant="demo", name="v", delivered=lambda _: rows)
            return {check.name: check for check in found}

        good = run()
        rows[0]["n"] = 2
        bad = run()
        nobody = list(verify.checks(http, tenant="demo", name="w", delivered=lambda _: None))[-1]
    assert list(good) == ["browser", "server", "match quality", "duplicates"]
    assert [name for name, check in good.items() if not check.ok] == ["match quality"]
    assert "503" in good["match quality"].text  # this gateway has no database to ask
    assert "sha384-" in good["browser"].text
    assert "data_quality_score" in good["server"].text
    assert not bad["duplicates"].ok
    assert (nobody.ok, "no platform is connected" in nobody.text) == (False, True)
    sent = [event.event_id for event in gateway.outlet.records("pixel_events.v1")]
    assert sent[:3] == ["v-server", "v-twice", "v-twice"]
