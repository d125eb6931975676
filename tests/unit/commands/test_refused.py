"""In which order an operator is shown what was refused."""

from processors.commands.refused import newest
from schemas.refused_item import RefusedItem

AT = 1_700_000_000_000


def refusal(name: str, *, at: int) -> RefusedItem:
    return RefusedItem(
        tenant_id="demo",
        refusal_id=name,
        route="/v1/touchpoints",
        kind="schema",
        error="wrong",
        key_kind="browser",
        received_at=at,
        size_bytes=2,
    )


def test_refusals_are_shown_as_they_came_and_not_as_they_lie_on_the_topic() -> None:
    kept = [
        ((0, 0), refusal("second", at=AT + 1)),
        ((0, 1), refusal("first", at=AT)),
        ((0, 2), refusal("third", at=AT + 2)),
        ((0, 3), refusal("beside the third", at=AT + 2)),
    ]
    assert [item.refusal_id for item in newest(kept, 3)] == ["beside the third", "third", "second"]
