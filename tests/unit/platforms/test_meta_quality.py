"""What Meta says of its match quality, read."""

from decimal import Decimal
from typing import Any

import pytest

from processors.platforms.meta.quality import Quality, overall, read
from processors.platforms.reading import Unreadable


def event(name: str, score: Any, **coverage: Any) -> dict[str, Any]:
    keys = [{"identifier": key, "coverage": {"percentage": n}} for key, n in coverage.items()]
    told = {"composite_score": score, "match_key_feedback": keys}
    return {"event_name": name, "event_match_quality": told}


def test_each_event_has_its_score_and_the_coverage_of_each_identifier() -> None:
    found = read({"web": [event("Purchase", 6.2, email=95, phone=40.5), event("Lead", 3)]})

    assert found == {
        "Purchase": Quality(Decimal("6.20"), {"email": Decimal(95), "phone": Decimal("40.50")}),
        "Lead": Quality(Decimal("3.00"), {}),
    }


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"web": []},
        {"web": [{"event_name": "Lead"}, 7, event("Lead", None)]},
        {"web": [{"event_match_quality": {"composite_score": 5}}]},
    ],
)
def test_what_meta_has_not_scored_has_no_score(answer: Any) -> None:
    assert read(answer) == {}
    assert overall({}) is None


@pytest.mark.parametrize(
    "answer",
    [[], {"web": {}}, {"web": [event("Lead", 10.1)]}, {"web": [event("Lead", "6")]},
     {"web": [event("Lead", True)]}, {"web": [event("Lead", 6, email=101)]}],
)  # fmt: skip
def test_an_answer_of_another_form_is_unreadable(answer: Any) -> None:
    with pytest.raises(Unreadable):
        read(answer)


def test_the_score_of_a_pixel_is_that_of_its_purchases_or_the_mean() -> None:
    both = read({"web": [event("Lead", 3), event("PageView", 4.01), event("Purchase", 8)]})

    assert overall(both) == 8
    del both["Purchase"]
    assert overall(both) == Decimal("3.50")
