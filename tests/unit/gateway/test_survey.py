"""Answers to surveys at the door, and who may bring them."""

from typing import Any

from processors.engine import service_token
from processors.engine.vault import Vault, new_key
from tests.unit.gateway.asking import BROWSER, NOW, Gateway

ANSWER: dict[str, Any] = {
    "response_id": "r-1",
    "order_id": "gid://shopify/Order/1001",
    "question": "How did you hear about us?",
    "answer": "A friend, ask ada@example.com",
    "answered_at": "2026-09-01T12:00:00Z",
    "provider": "fairing",
}


async def test_an_answer_is_an_event_of_its_own_kind_that_names_its_order_and_nobody() -> None:
    gateway = Gateway()
    answer = await gateway.post("/webhooks/survey", ANSWER)
    assert answer.status == 200, answer.content
    (record,) = gateway.outlet.records("pixel_events.v1")
    assert (record.source, record.event_name) == ("survey", "SurveyResponse")
    assert (record.order_source, record.order_id) == ("shopify", "1001")
    assert record.survey.provider == "fairing"
    assert record.survey.answer.startswith("A friend, ask ")
    assert "ada@example.com" not in record.survey.answer
    assert record.visitor_id is None
    assert not record.identifiers.model_fields_set


async def test_the_same_answer_is_the_same_event_and_an_edited_one_is_another() -> None:
    gateway = Gateway()
    await gateway.post("/webhooks/survey", [ANSWER, ANSWER, {**ANSWER, "answer": "Podcast"}])
    first, again, edited = gateway.outlet.records("pixel_events.v1")
    assert first.event_id == again.event_id != edited.event_id
    assert first.survey.response_id == edited.survey.response_id


async def test_a_browser_may_not_answer_for_buyers() -> None:
    assert (await Gateway().post("/webhooks/survey", ANSWER, key=BROWSER)).status == 403


async def test_a_service_token_opens_the_door_of_its_tenant_for_minutes_only() -> None:
    gateway = Gateway()
    vault = Vault(gateway.settings.vault_key.get_secret_value())
    good = service_token.make(vault, "demo", now=NOW - 60_000)
    assert (await gateway.post("/webhooks/survey", ANSWER, key=good)).status == 200
    assert gateway.outlet.records("pixel_events.v1")[0].tenant_id == "demo"

    old = service_token.make(vault, "demo", now=NOW - 600_000)
    strange = service_token.make(Vault(new_key()), "demo", now=NOW)
    other = service_token.PREFIX + vault.encrypt("a stored secret")
    for given in (old, strange, other, service_token.PREFIX):
        assert (await gateway.post("/webhooks/survey", ANSWER, key=given)).status == 401
