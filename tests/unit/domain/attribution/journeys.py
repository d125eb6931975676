"""Builders and hypothesis strategies for journeys; times are ages before the conversion."""

import json
from dataclasses import replace

from hypothesis import strategies as st

from processors.domain.attribution import CreditSettings, model_document
from processors.domain.attribution.custom_document import TRANSFORMS, parse
from processors.domain.attribution.model_document import MICRO, DataDrivenModel
from tests.support.crediting import Journey, Touch

DAY: int = 86_400_000
CONVERTED_AT: int = 1_700_000_000_500


def touch(name: str, age_ms: int, *, view: bool = False, channel: str = "email") -> Touch:
    return Touch(
        touchpoint_id=name, occurred_at=CONVERTED_AT - age_ms, is_view=view, channel=channel
    )


def journey(
    *touches: Touch,
    revenue: int = 10_000,
    reporting: int | None = None,
    settings: CreditSettings | None = None,
    model: DataDrivenModel | None = None,
) -> Journey:
    return Journey(
        converted_at=CONVERTED_AT,
        revenue=revenue,
        revenue_reporting=reporting,
        touches=touches,
        settings=settings or CreditSettings(),
        model=model,
    )


def trained(
    effects: dict[str, tuple[int, ...]],
    *,
    intercept: int = -3 * MICRO,
    days: tuple[int, ...] = (1, 7),
    saturation: int = 2,
) -> DataDrivenModel:
    """A model as its document says it; effects in micro-logits."""
    return model_document.parse(
        model_document.document(
            recency_days=days, saturation=saturation, intercept=intercept, effects=effects
        )
    )


_EDGES = st.sampled_from([0, 1, 3, 7, 14, 28, 30, 90, 365]).flatmap(
    lambda days: st.integers(-1500, 1500).map(lambda near: days * DAY + near)
)
_AGES = st.one_of(_EDGES, st.integers(-3_000, 400 * DAY), st.integers(0, 3 * DAY), st.just(5 * DAY))
_MONEY = st.one_of(
    st.integers(0, 10_000), st.integers(0, 10**9), st.integers(0, 2**63 - 1), st.just(0)
)
_CHANNELS = st.sampled_from(["direct", "email", "paid_search", "paid_social"])
_SETTINGS = st.builds(
    CreditSettings,
    half_life_days=st.one_of(
        st.floats(0.01, 400), st.just(7.0), st.floats(5e-324, 1.7e308, allow_nan=False)
    ),
    attribution_mode=st.sampled_from(["clicks_plus_views", "clicks_only"]),
    view_window_days=st.one_of(st.none(), st.sampled_from([0, 1, 2, 7, 30, 400])),
    max_touches=st.one_of(st.integers(1, 6), st.just(1000)),
    lookback_days=st.sampled_from([365, 365, 1, 10, 90]),
)
_EFFECTS = st.one_of(
    st.integers(-2 * MICRO, 2 * MICRO),
    st.integers(-50 * MICRO, 50 * MICRO),
    st.sampled_from([0, 1]),
)


@st.composite
def any_model(draw: st.DrawFn) -> DataDrivenModel:
    """Knows some of the channels, and one that no touch has."""
    days = draw(st.sampled_from([(), (1,), (1, 7), (1, 3, 7, 14, 30, 90)]))
    known = st.sampled_from(["direct", "email", "paid_search", "other"])
    rows = st.tuples(*[_EFFECTS] * (len(days) + 1))
    return trained(
        draw(st.dictionaries(known, rows, max_size=4)),
        intercept=draw(_EFFECTS),
        days=days,
        saturation=draw(st.integers(1, 4)),
    )


@st.composite
def any_journey(draw: st.DrawFn) -> Journey:
    names = draw(
        st.lists(st.text("abé\x00", min_size=1, max_size=3), max_size=14, unique=True), label="ids"
    )
    touches = [
        touch(name, draw(_AGES), view=draw(st.booleans()), channel=draw(_CHANNELS))
        for name in names
    ]
    return Journey(
        converted_at=CONVERTED_AT + draw(st.integers(-500, 499)),
        revenue=draw(_MONEY),
        revenue_reporting=draw(st.one_of(st.none(), _MONEY)),
        touches=touches,
        settings=draw(_SETTINGS),
        model=draw(st.one_of(st.none(), any_model())),
    )


_MULTIPLIERS = st.one_of(
    st.sampled_from([0, 1, 0.5, 100]), st.integers(0, 100_000).map(lambda n: n / 1000)
)
_WEIGHTS = st.one_of(
    st.sampled_from([0, 1, 20, 40, 1000]), st.integers(0, 10**6).map(lambda n: n / 1000)
)
_POSITIONS = st.one_of(
    st.just("equal"),
    st.fixed_dictionaries({"first": _WEIGHTS, "middle": _WEIGHTS, "last": _WEIGHTS}).filter(
        lambda ends: any(ends.values())
    ),
    st.fixed_dictionaries(
        {"half_life_days": st.one_of(st.sampled_from([7, 0.000001]), st.integers(1, 999_999))}
    ),
)
_NAMES = st.sampled_from(["direct", "email", "paid_search", "paid_social", "nobody"])
documents = st.fixed_dictionaries(
    {},
    optional={
        "transform": st.lists(st.sampled_from(TRANSFORMS), max_size=4),
        "exclude": st.lists(_NAMES, max_size=3),
        "position": _POSITIONS,
        "channels": st.dictionaries(_NAMES, _MULTIPLIERS, max_size=4),
        "views": st.one_of(st.sampled_from([0, 1]), st.integers(0, 1000).map(lambda n: n / 1000)),
    },
).map(json.dumps)


def with_model(journey: Journey, document: str) -> Journey:
    return replace(journey, settings=replace(journey.settings, custom=parse(document)))
