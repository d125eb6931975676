"""A trained model travels as integers, and is refused by the name of what is wrong."""

import pytest

from processors.domain.attribution import model_document as models

EFFECTS = {"email": (400_000, 0, -1), "direct": (1, 2, 3)}


def text(**changed: object) -> str:
    given = {"recency_days": (1, 7), "saturation": 2, "intercept": -3_000_000, "effects": EFFECTS}
    return models.document(**{**given, **changed})  # type: ignore[arg-type]


def test_a_document_says_what_was_put_into_it() -> None:
    model = models.parse(text())
    assert dict(model.effects) == EFFECTS
    assert (model.intercept, model.saturation, model.recency_days) == (-3_000_000, 2, (1, 7))


def test_equal_models_have_one_version_and_different_ones_have_two() -> None:
    turned = dict(reversed(EFFECTS.items()))
    assert models.parse(text()).version == models.parse(text(effects=turned)).version
    assert models.parse(text()).version != models.parse(text(intercept=0)).version


@pytest.mark.parametrize(
    ("document", "named"),
    [
        ("no json", "document"),
        (text(recency_days=(7, 1)), "recency_days"),
        (text(effects={"email": (1, 2)}), "effects.email"),
        (text(saturation=0), "saturation"),
        (text(intercept=10**12), "intercept"),
        (text().replace("hazard_logistic", "other"), "kind"),
        (text().replace("-3000000", "-3.5"), "intercept"),
    ],
)
def test_a_wrong_document_is_refused_by_the_field(document: str, named: str) -> None:
    with pytest.raises(ValueError, match=f"^{named}"):
        models.parse(document)
