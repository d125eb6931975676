"""What somebody writes to end the shop's messages in a chat, or to have them again."""

from typing import Any

import pytest

from processors.domain.hashing import phone_hash
from processors.gateway.hooks.opting import preferred, said
from schemas.command import SetConsent
from tests.unit.gateway.asking import Gateway
from tests.unit.gateway.vendors import AT, PHONE, chat, message, post

PATH = "/webhooks/whatsapp"


@pytest.mark.parametrize("words", ["stop", "STOP", " Stop! ", "*Stop*", "opt-out", "Arrêt", "退订"])
def test_a_word_that_ends_messages_is_understood_as_people_write_it(words: str) -> None:
    assert said(message(text={"body": words})) == "denied"


@pytest.mark.parametrize("words", ["start", "Start.", "OPT IN", "unstop", "S\u2019abonner"])
def test_a_word_that_allows_them_again_is_understood(words: str) -> None:
    assert said(message(text={"body": words})) == "granted"


@pytest.mark.parametrize(
    "words",
    ["stop sending blue ones, send red", "don't stop", "cancel", "end", "yes", "start me an order",
     "", "stop start"],
)  # fmt: skip
def test_what_may_be_about_an_order_is_no_decision(words: str) -> None:
    assert said(message(text={"body": words})) is None


@pytest.mark.parametrize(
    "part",
    [
        {"type": "button", "button": {"text": "Stop promotions", "payload": "p-1"}},
        {"type": "button", "button": {"text": "No more", "payload": "STOP"}},
        {"type": "interactive",
         "interactive": {"type": "button_reply", "button_reply": {"id": "1", "title": "Stop"}}},
        {"type": "interactive",
         "interactive": {"type": "list_reply", "list_reply": {"id": "optout", "title": "Enough"}}},
    ],
)  # fmt: skip
def test_a_button_counts_by_what_it_says(part: dict[str, Any]) -> None:
    assert said({"id": "wamid.1", **part}) == "denied"


@pytest.mark.parametrize("odd", [None, 7, [], "stop", {"body": ["stop"]}, {"body": None}])
def test_a_message_of_another_shape_decides_nothing(odd: Any) -> None:
    assert said({"text": odd, "button": odd, "interactive": odd}) is None


def test_the_apps_own_switch_counts_for_marketing_alone() -> None:
    assert preferred({"value": "stop", "category": "marketing_messages"}) == "denied"
    assert preferred({"value": "resume", "category": "marketing_messages"}) == "granted"
    assert preferred({"value": "stop", "category": "utility_messages"}) is None
    assert preferred({"value": "maybe", "category": "marketing_messages"}) is None


async def test_stop_is_a_decision_of_the_log_under_every_id_and_about_messages_alone() -> None:
    gateway = Gateway()
    body = chat(messages=[message(text={"body": "STOP"})])

    answers = [await post(gateway, PATH, body) for _ in range(2)]
    first, again = gateway.outlet.records("commands.v1")

    assert [answer.json["accepted"] for answer in answers] == [2, 2]
    assert isinstance(first.body, SetConsent)
    assert first.body.consent.model_dump(exclude_none=True) == {"whatsapp": "denied"}
    assert set(first.body.ids) == {
        f"phone:{phone_hash(PHONE)}",
        "external:whatsapp:US.13491208655302",
    }
    assert first.issued_at == AT * 1000
    assert again.command_id == first.command_id, "a repeated webhook says nothing new"


async def test_of_a_decision_neither_the_words_nor_the_phone_are_kept() -> None:
    gateway = Gateway()

    await post(gateway, PATH, chat(messages=[message(text={"body": "Stop promotions"})]))

    for row in gateway.outlet.rows:
        kept = (row.raw.value or b"") + row.event_id.encode()
        assert PHONE.encode() not in kept
        assert b"romotions" not in kept


async def test_every_preference_of_a_webhook_is_a_decision_and_an_event() -> None:
    gateway = Gateway()
    rows = [
        {"wa_id": who, "category": "marketing_messages", "value": value, "timestamp": AT}
        for who, value in ((PHONE, "stop"), ("16505550999", "resume"))
    ]

    answer = await post(gateway, PATH, chat("user_preferences", user_preferences=rows))

    told = [each.body.consent.whatsapp for each in gateway.outlet.records("commands.v1")]
    assert answer.json["accepted"] == 4
    assert told == ["denied", "granted"]
    assert len(gateway.outlet.records("pixel_events.v1")) == 2


async def test_who_hides_the_number_decides_under_the_id_that_is_left() -> None:
    gateway = Gateway()
    body = chat(
        messages=[message(**{"from": None}, from_user_id="US.1", text={"body": "stop"})],
        contacts=[],
    )

    await post(gateway, PATH, body)
    (command,) = gateway.outlet.records("commands.v1")

    assert command.body.ids == ("external:whatsapp:US.1",)
