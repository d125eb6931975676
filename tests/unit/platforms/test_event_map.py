"""What an account has for each event, as a tenant says it and as it is kept."""

import pytest

from processors.platforms import event_map
from processors.platforms.base import Answer, Result
from processors.platforms.linkedin.settings import ad_account, conversions

SENT, NOWHERE = Result("sent"), Result("rejected", "nowhere")


@pytest.mark.parametrize(
    "text",
    [
        "Purchase=7, Lead = 8",
        '{"Lead": 8, "Purchase": "7"}',
        "Lead=8,Purchase=7,",
        " Purchase=7,Lead=8",
    ],
)
def test_a_map_is_kept_in_one_form_however_it_is_said(text: str) -> None:
    assert event_map.read(text, str) == '{"Lead":"8","Purchase":"7"}'
    assert event_map.of(event_map.read(text, str)) == {"Lead": "8", "Purchase": "7"}


def test_a_name_may_have_a_comma_and_a_thing_an_equals_sign_in_json() -> None:
    said = '{"Quiz, done": "a=b"}'
    assert event_map.of(event_map.read(said, str)) == {"Quiz, done": "a=b"}


@pytest.mark.parametrize(
    "text", ["", " ", "=7", "{}", "{", '{"": "7"}', "Purchase=", '{"Purchase": [7]}']
)
def test_what_is_no_map_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must be like"):
        event_map.read(text, str)


def test_rules_and_accounts_may_be_digits_or_urns() -> None:
    urn = "urn:lla:llaPartnerConversion:7"
    assert conversions("Purchase=7") == conversions(f"Purchase={urn}") == f'{{"Purchase":"{urn}"}}'
    assert (
        ad_account("507404993") == ad_account(" urn:li:sponsoredAccount:507404993 ") == "507404993"
    )
    with pytest.raises(ValueError, match="digits"):
        ad_account("act_7")
    with pytest.raises(ValueError, match="digits"):
        conversions("Purchase=seven")


def test_nothing_was_said_yet() -> None:
    assert event_map.of("") == {}


def test_an_answer_reaches_those_that_went_and_the_others_are_told_otherwise() -> None:
    answer = event_map.spread(Answer((SENT, SENT), 200, 5, "d"), [None, NOWHERE, None])
    assert answer == Answer((SENT, NOWHERE, SENT), 200, 5, "d")
