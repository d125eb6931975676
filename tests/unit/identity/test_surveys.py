"""Answers and requests for a fresh look, as facts of a batch."""

from processors.engine.outcome import APPLIED, DUPLICATE
from processors.engine.processor import Item, Message
from processors.identity.commands import LAST_MS
from processors.identity.handle import Facts, gather
from schemas.command import Command, Recalculate
from schemas.envelope import Frozen
from schemas.pixel_event import PixelEvent, Survey

MESSAGE = Message("pixel_events.v1", 0, 0, 1, b"acme|x", b"")


def facts_of(*records: Frozen) -> Facts:
    return gather([Item(MESSAGE, record) for record in records])


def said(answer: str, *, at: int, order_id: str | None = "7", name: str = "PageView") -> PixelEvent:
    content = f"{answer}-{at}"
    return PixelEvent(
        tenant_id="acme", event_id=content, content_hash=content, source="survey", event_name=name,
        occurred_at=at, received_at=at, order_id=order_id, session_start=True,
        survey=Survey(provider="fairing", response_id="r", answer=answer),
    )  # fmt: skip


def asked(**body: object) -> Command:
    return Command(
        tenant_id="acme", command_id="k", issued_at=1, received_at=1,
        body=Recalculate.model_validate(body),
    )  # fmt: skip


def test_the_latest_content_of_a_response_stands_in_any_order() -> None:
    early, late = said("Podcast", at=5), said("TikTok", at=9)
    for records in ((early, late), (late, early)):
        (row,) = facts_of(*records).surveys.values()
        assert (row.answer, row.source, row.order_id) == ("TikTok", "shopify", "7")


def test_an_answer_is_no_touch_joins_nobody_and_is_not_stitched() -> None:
    facts = facts_of(said("Podcast", at=5))
    assert facts.outcomes == [APPLIED]
    assert (facts.touches, facts.nodes, facts.stitch, facts.anchors) == ({}, set(), [], {})
    assert facts.events


def test_the_same_answer_again_is_a_duplicate() -> None:
    again = facts_of(said("Podcast", at=5), said("Podcast", at=5))
    assert sorted(map(str, again.outcomes)) == sorted(map(str, (APPLIED, DUPLICATE)))


def test_an_answer_about_no_order_is_only_an_event() -> None:
    assert facts_of(said("Podcast", at=5, order_id=None)).surveys == {}


def test_a_fresh_look_is_for_named_conversions_or_else_for_a_span() -> None:
    facts = facts_of(asked(conversions=("c1", "c2"), since=4), asked(since=4), asked())
    assert facts.commands.asked == {("acme", "c1"), ("acme", "c2")}
    assert facts.commands.spans == {("acme", 4, LAST_MS), ("acme", 0, LAST_MS)}
    assert facts.outcomes == [APPLIED] * 3
