"""Consent opens a destination only when every flag that it needs is granted, by the event itself
or by what its sender decided."""

import pytest

from processors.domain.consent import DECISIONS, Decision, allows, effective, is_suppressed
from schemas.envelope import Consent

ADS = ("meta", "google_ads", "tiktok", "snapchat", "pinterest", "linkedin", "microsoft_ads")
OTHER_ADS = ("affiliate", "mntn", "sgtm", "something_new")
NEEDS: dict[str, frozenset[str]] = {
    **dict.fromkeys(ADS + OTHER_ADS, frozenset({"ad_storage", "ad_user_data"})),
    "ga4": frozenset({"analytics_storage"}),
    "klaviyo": frozenset({"ad_user_data"}),
    "whatsapp": frozenset({"ad_user_data", "whatsapp"}),
}

AT = 1_788_600_000_000
GRANTED = Consent.model_validate(dict.fromkeys(DECISIONS, "granted"))
DENIED = Consent.model_validate(dict.fromkeys(DECISIONS, "denied"))


def decided(consent: Consent, issued_at: int, *, command_id: str = "a") -> list[Decision]:
    flags = consent.model_dump(exclude_none=True)
    return [Decision(flag, value, issued_at, command_id) for flag, value in flags.items()]


@pytest.mark.parametrize("platform", NEEDS)
@pytest.mark.parametrize("flag", DECISIONS)
def test_one_denied_flag_closes_those_that_need_it(platform: str, flag: str) -> None:
    allowed = allows(platform, {flag: "denied"}, when_absent="granted")
    assert allowed == (flag not in NEEDS[platform])


@pytest.mark.parametrize("platform", NEEDS)
def test_the_needed_flags_are_enough_where_absence_is_denial(platform: str) -> None:
    granted = dict.fromkeys(NEEDS[platform], "granted")
    assert allows(platform, granted, when_absent="denied")
    for flag in NEEDS[platform]:
        assert not allows(platform, {**granted, flag: None}, when_absent="denied")


@pytest.mark.parametrize("consent", [None, {}, {"ad_storage": None}, {"ad_storage": ""}])
def test_an_absent_flag_is_the_tenants_choice(consent: dict[str, str | None] | None) -> None:
    assert allows("meta", consent, when_absent="granted")
    assert not allows("meta", consent, when_absent="denied")


def test_an_unclear_flag_is_no_consent() -> None:
    assert allows("ga4", {"analytics_storage": "GRANTED"}, when_absent="denied")
    assert not allows("ga4", {"analytics_storage": "maybe"}, when_absent="granted")


def test_without_decisions_the_events_own_flags_stand() -> None:
    assert effective(DENIED, at=AT, decisions=()) == DENIED
    assert effective(None, at=AT, decisions=()) == Consent()


def test_a_later_decision_overrides_the_event() -> None:
    assert effective(GRANTED, at=AT, decisions=decided(DENIED, AT + 1)) == DENIED


def test_an_earlier_decision_gives_way_to_what_the_event_says() -> None:
    assert effective(GRANTED, at=AT, decisions=decided(DENIED, AT - 1)) == GRANTED


def test_an_earlier_decision_speaks_where_the_event_is_silent() -> None:
    own = Consent(ad_storage="granted")
    found = effective(own, at=AT, decisions=decided(DENIED, AT - 1))
    assert (found.ad_storage, found.ad_user_data) == ("granted", "denied")


def test_of_several_decisions_the_last_stands_whatever_their_order() -> None:
    first = decided(DENIED, AT + 1, command_id="b")
    tie = decided(GRANTED, AT + 1, command_id="c")
    assert effective(None, at=AT, decisions=[*first, *tie]) == GRANTED
    assert effective(None, at=AT, decisions=[*tie, *first]) == GRANTED


def test_a_decision_on_one_flag_leaves_the_others_alone() -> None:
    one = decided(Consent(ad_storage="denied"), AT + 1)
    found = effective(GRANTED, at=AT, decisions=one)
    assert found == GRANTED.model_copy(update={"ad_storage": "denied"})


def test_somebody_is_suppressed_as_long_as_any_of_their_ids_is() -> None:
    held = Decision("processing", "denied", AT, "a")
    freed = Decision("processing", "granted", AT + 1, "b")
    assert is_suppressed([freed, held])
    assert not is_suppressed([freed, *decided(DENIED, AT)])
    assert not is_suppressed([])


def test_a_suppression_is_no_flag_of_consent() -> None:
    held = [Decision("processing", "denied", AT, "a")]
    assert effective(GRANTED, at=AT, decisions=held) == GRANTED
    assert effective(None, at=AT, decisions=held) == Consent()
