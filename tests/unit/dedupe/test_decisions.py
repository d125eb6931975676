"""What a person's decisions make of an event's own flags."""

from processors.dedupe.decisions import Decision, effective
from schemas.envelope import Consent
from tests.unit.dedupe.events import AT, DENIED, GRANTED


def decision(consent: Consent, *, issued_at: int, command_id: str = "a") -> Decision:
    return Decision(issued_at=issued_at, command_id=command_id, consent=consent)


def test_without_decisions_the_events_own_flags_stand() -> None:
    assert effective(DENIED, at=AT, decisions=()) == DENIED
    assert effective(None, at=AT, decisions=()) == Consent()


def test_a_later_decision_overrides_the_event() -> None:
    assert effective(GRANTED, at=AT, decisions=[decision(DENIED, issued_at=AT + 1)]) == DENIED


def test_an_earlier_decision_gives_way_to_what_the_event_says() -> None:
    assert effective(GRANTED, at=AT, decisions=[decision(DENIED, issued_at=AT - 1)]) == GRANTED


def test_an_earlier_decision_speaks_where_the_event_is_silent() -> None:
    own = Consent(ad_storage="granted")
    found = effective(own, at=AT, decisions=[decision(DENIED, issued_at=AT - 1)])
    assert (found.ad_storage, found.ad_user_data) == ("granted", "denied")


def test_of_several_decisions_the_last_stands_whatever_their_order() -> None:
    first = decision(DENIED, issued_at=AT + 1, command_id="b")
    tie = decision(GRANTED, issued_at=AT + 1, command_id="c")
    assert effective(None, at=AT, decisions=[first, tie]) == GRANTED
    assert effective(None, at=AT, decisions=[tie, first]) == GRANTED


def test_a_decision_on_one_flag_leaves_the_others_alone() -> None:
    found = effective(
        GRANTED, at=AT, decisions=[decision(Consent(ad_storage="denied"), issued_at=AT + 1)]
    )
    assert found == GRANTED.model_copy(update={"ad_storage": "denied"})
