"""WhatsApp's simulator keeps the sheet: an event of a chat has its click, its account, its name."""

from collections.abc import Callable
from typing import Any

import pytest

from deploy.simulators.ledger import Ledger
from deploy.simulators.server import application
from deploy.simulators.whatsapp import WhatsAppRules
from processors.platforms.base import Account
from processors.platforms.whatsapp.client import WhatsApp
from tests.contract.platforms.conftest import NOW_MS
from tests.contract.platforms.test_contract import good
from tests.contract.platforms.test_simulators import HASH, TOKEN, Client, now, without

PATH = "/v26.0/77/events"
WHO = {"ctwa_clid": "ARAk", "whatsapp_business_account_id": "2002"}


def whatsapp() -> Client:
    ledger = Ledger(None)
    return Client(application(WhatsAppRules(ledger), ledger))


def purchase(**fields: Any) -> dict[str, Any]:
    return {
        "event_name": "Purchase",
        "event_time": now() - 60,
        "event_id": "e1",
        "action_source": "business_messaging",
        "messaging_channel": "whatsapp",
        "user_data": WHO,
        "custom_data": {"value": 1.5, "currency": "EUR"},
        **fields,
    }


REFUSALS: dict[str, Callable[[], dict[str, Any]]] = {
    "another source": lambda: purchase(action_source="website"),
    "no channel": lambda: without(purchase(), "messaging_channel"),
    "another channel": lambda: purchase(messaging_channel="messenger"),
    "a name that pages have": lambda: purchase(event_name="Lead"),
    "a custom name": lambda: purchase(event_name="Bought"),
    "no click": lambda: purchase(user_data={**without(WHO, "ctwa_clid"), "ph": [HASH]}),
    "a click that is hashed": lambda: purchase(user_data={**WHO, "ctwa_clid": HASH}),
    "no account": lambda: purchase(user_data={"ctwa_clid": "ARAk"}),
    "a phone in the clear": lambda: purchase(user_data={**WHO, "ph": ["16505551234"]}),
    "an agent": lambda: purchase(user_data={**WHO, "client_user_agent": "Mozilla/5.0"}),
    "no value": lambda: purchase(custom_data={"currency": "EUR"}),
    "a time in milliseconds": lambda: purchase(event_time=now() * 1000),
    "older than seven days": lambda: purchase(event_time=now() - 8 * 86_400),
}


@pytest.mark.parametrize("rule", REFUSALS)
def test_whatsapp_refuses_the_whole_request_with(rule: str) -> None:
    client = whatsapp()
    said = {"data": [purchase(event_id="good"), REFUSALS[rule]()]}
    answer = client.post(PATH, json=said, headers=TOKEN)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, 100)
    assert client.get("/_sim/accepted").json() == []


def test_a_repetition_counts_again_and_a_page_may_stand_for_the_account() -> None:
    client = whatsapp()
    said = {"data": [purchase(user_data={"ctwa_clid": "ARAk", "page_id": "7"})]}
    for _ in range(2):
        answer = client.post(PATH, json=said, headers=TOKEN)
        assert answer.json()["events_received"] == 1
    (row,) = client.get("/_sim/accepted").json()
    assert (row["account"], row["times_accepted"], row["duplicates"]) == ("77", 2, 0)


def test_a_token_is_the_datasets() -> None:
    client = whatsapp()
    client.post("/_sim/accounts", json={"77": "right"})
    answer = client.post(PATH, json={"data": [purchase()]}, headers=TOKEN)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, 190)


async def test_without_the_business_account_events_wait_for_a_human() -> None:
    connector = WhatsApp.load(lambda: NOW_MS)
    answer = await connector.send(
        Account("acme", "77", {"access_token": "secret-1"}), [good("whatsapp")]
    )
    assert [(each.verdict, each.error) for each in answer.results] == [
        ("reauth", "whatsapp_waba_id is not set")
    ]
    await connector.close()
