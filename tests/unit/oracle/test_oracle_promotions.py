"""The oracle judges documents by its own plain code, and as the pipeline does."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.domain.attribution import model_document
from tests.oracle.promotions import Promotion, standing, usable

_NUMBERS = st.one_of(
    st.integers(-3, 400), st.just(50_000_000), st.just(-50_000_001), st.booleans(),
    st.floats(0, 3), st.none(), st.text("1a", max_size=2),
)  # fmt: skip
_DAYS = st.one_of(st.lists(st.integers(1, 20), max_size=3), st.lists(_NUMBERS, max_size=18))
_EFFECTS = st.dictionaries(
    st.text("eé\x00", max_size=2),
    st.one_of(st.lists(st.integers(-9, 9), max_size=4), st.lists(_NUMBERS, max_size=3), _NUMBERS),
    max_size=3,
)
_DOCUMENTS = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["hazard_logistic", "hazard_logistic", "other"]),
        "recency_days": _DAYS,
        "saturation": st.one_of(st.integers(1, 3), _NUMBERS),
        "intercept": st.one_of(st.just(-3_000_000), _NUMBERS),
        "effects": st.one_of(_EFFECTS, st.just({}), _NUMBERS),
    },
    optional={"more": st.just(1)},
)


@given(st.one_of(_DOCUMENTS.map(json.dumps), st.text("{}[]1", max_size=4)))
def test_both_agree_on_which_documents_are_models(text: str) -> None:
    try:
        model_document.parse(text)
    except ValueError:
        assert usable(text) is None
    else:
        assert usable(text) is not None


def test_a_document_as_training_writes_it_is_a_model() -> None:
    effects = {"email": (1, -2)}
    text = model_document.document(recency_days=(7,), saturation=2, intercept=-3, effects=effects)
    assert usable(text) == {
        "kind": "hazard_logistic", "recency_days": [7], "saturation": 2, "intercept": -3,
        "effects": {"email": [1, -2]},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("converted_at", "version"), [(99, "all"), (100, "since"), (300, "later"), (-1, None)]
)
def test_the_latest_promotion_that_reaches_a_conversion_stands(
    converted_at: int, version: str | None
) -> None:
    said = [
        Promotion((at, "k", since, name), since, name, "", None)
        for at, since, name in ((1, 0, "all"), (2, 100, "since"), (3, 300, "later"), (0, 0, "x"))
    ]
    found = standing(said, converted_at)
    assert (found.version if found else None) == version
