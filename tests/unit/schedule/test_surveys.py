"""Fairing's responses in the form of the survey door."""

from typing import Any

from processors.schedule.surveys import answer

ROW: dict[str, Any] = {
    "id": "6f1c", "question": "How did you hear about us?", "response": "Podcast",
    "other_response": None, "order_id": "5678901234567", "order_platform": "shopify",
    "inserted_at": "2026-09-01T12:00:05Z", "response_provided_at": "2026-09-01T12:00:05Z",
    "updated_at": "2026-09-02T08:00:00Z", "email": "sarah@example.com", "customer_id": "69",
}  # fmt: skip


def test_an_answer_brings_its_order_and_its_latest_time_and_nobodys_details() -> None:
    assert answer(ROW) == {
        "provider": "fairing", "response_id": "6f1c", "order_id": "5678901234567",
        "source": "shopify", "question": "How did you hear about us?", "answer": "Podcast",
        "answered_at": "2026-09-02T08:00:00Z",
    }  # fmt: skip


def test_free_text_stands_in_for_a_choice() -> None:
    said = answer({**ROW, "response": None, "other_response": "my aunt"})
    assert said is not None
    assert said["answer"] == "my aunt"


def test_a_response_without_an_answer_or_an_order_is_none() -> None:
    assert answer({**ROW, "response": None}) is None
    assert answer({**ROW, "order_id": None}) is None
