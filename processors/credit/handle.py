"""The pure part: which pointers to answer, and the answers."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from processors.credit.snapshot import Case, FoundTouch
from processors.domain.attribution import Credited, Journey, credit_batch
from processors.domain.attribution.model_document import UNTRAINED
from processors.domain.money import convert
from processors.domain.times import local_date
from processors.engine.outcome import APPLIED, DUPLICATE, Dead, Drop, Outcome
from processors.engine.processor import Item
from schemas.conversion import ConversionPointer
from schemas.credit import ConversionState, CreditedTouch, Credits

Key = tuple[str, str]

FALLBACK_MODELS: Final = ("data_driven",)
"""Without a trained model data_driven is linear, and says so."""

NOT_YET: Final = Drop("not_yet")
_NOTHING_COUNTS: Final = frozenset({"refunded", "cancelled", "charged_back"})


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What a case came to: the shares of its touches, and its net in the reporting currency (None
    when there is no rate that gives a plausible amount)."""

    case: Case
    reporting: int | None
    shares: Credited

    @property
    def state(self) -> ConversionState:
        """How the conversion stands."""
        if self.case.conversion.is_pending:
            return "pending_order"
        if self.reporting is None:
            return "pending_rate"
        return "ready" if self.shares.touches else "unattributed"

    @property
    def counts(self) -> bool:
        """Whether it adds anything to the summary."""
        complete = self.state in ("ready", "unattributed")
        return complete and self.case.conversion.status not in _NOTHING_COUNTS

    @property
    def model_version(self) -> str:
        """Version of the trained model that credits the conversion."""
        return UNTRAINED if self.case.model is None else self.case.model.version

    @property
    def fallback_models(self) -> tuple[str, ...]:
        """The models that a simpler one stands in for."""
        return FALLBACK_MODELS if self.case.model is None else ()

    @property
    def custom_version(self) -> str | None:
        """Version of the tenant's own model, if it has one."""
        custom = self.case.settings.credit.custom
        return None if custom is None else custom.version


def choose(batch: Sequence[Item], is_done: Callable[[Key, int], bool]) -> dict[Key, int]:
    """The conversions to look at, each with the place of the first pointer that asks for it."""
    chosen: dict[Key, int] = {}
    for place, item in enumerate(batch):
        pointer = item.value
        if isinstance(pointer, ConversionPointer):
            key = pointer.tenant_id, pointer.conversion_id
            if key not in chosen and not is_done(key, pointer.rev):
                chosen[key] = place
    return chosen


def outcomes(batch: Sequence[Item], chosen: dict[Key, int], found: set[Key]) -> list[Outcome]:
    """One outcome an item: a chosen pointer stands for the others to its conversion."""
    ends: list[Outcome] = [
        item.value if isinstance(item.value, Dead) else DUPLICATE for item in batch
    ]
    for key, place in chosen.items():
        ends[place] = APPLIED if key in found else NOT_YET
    for place, item in enumerate(batch):
        pointer = item.value
        if isinstance(pointer, ConversionPointer):
            key = pointer.tenant_id, pointer.conversion_id
            if key in chosen and key not in found:
                ends[place] = NOT_YET
    return ends


def portions(cases: Sequence[Case], *, touches: int) -> Iterator[Sequence[Case]]:
    """The cases in portions of about so many touches, to bound what is held at once."""
    start = held = 0
    for stop, case in enumerate(cases):
        if held and held + len(case.touches) > touches:
            yield cases[start:stop]
            start, held = stop, 0
        held += len(case.touches)
    if start < len(cases):
        yield cases[start:]


def answer(cases: Sequence[Case]) -> list[Credits]:
    """All credit of each conversion, in their order."""
    return [_record(answered) for answered in credited(cases)]


def credited(cases: Sequence[Case]) -> list[Answer]:
    """The same before it is a record."""
    reporting = [_reporting(case) for case in cases]
    journeys = [_journey(case, amount) for case, amount in zip(cases, reporting, strict=True)]
    return [
        Answer(case, amount, shares)
        for case, amount, shares in zip(cases, reporting, credit_batch(journeys), strict=True)
    ]


def _reporting(case: Case) -> int | None:
    """The net in the reporting currency; a rate that gives no plausible amount is none."""
    conversion, into = case.conversion, case.settings.currency
    if conversion.is_pending or conversion.currency is None or case.rate is None:
        return None
    if conversion.currency == into:
        return conversion.net
    return _converted(conversion.net, conversion.currency, into, case.rate)


def _converted(net: int, currency: str, into: str, rate: Decimal) -> int | None:
    try:
        return convert(net, currency, into, rate)
    except ValueError:
        return None


def _journey(case: Case, reporting: int | None) -> Journey:
    conversion = case.conversion
    same = conversion.currency == case.settings.currency
    return Journey(
        converted_at=conversion.converted_at,
        revenue=conversion.net,
        revenue_reporting=None if same else reporting,
        touches=case.touches,
        settings=case.settings.credit,
        model=case.model,
    )


def _record(answered: Answer) -> Credits:
    """Every value comes out of the database or the kernel, so it is not validated again: that
    would cost more than the credit itself."""
    case, shares = answered.case, answered.shares
    conversion, settings = case.conversion, case.settings
    own = shares.revenue_reporting
    return Credits.model_construct(
        tenant_id=conversion.tenant_id,
        conversion_id=conversion.conversion_id,
        epoch=conversion.epoch,
        rev=conversion.rev,
        settings_version=settings.version,
        model_version=answered.model_version,
        fallback_models=answered.fallback_models,
        custom_version=answered.custom_version,
        source=conversion.source,
        order_id=conversion.order_id,
        state=answered.state,
        status=conversion.status,
        deliverable=conversion.deliverable,
        counts=answered.counts,
        converted_at=conversion.converted_at,
        date=case.date,
        currency=conversion.currency,
        reporting_currency=settings.currency,
        revenue=conversion.net,
        revenue_reporting=answered.reporting,
        touches=tuple(
            _touch(case.touches[index], first_window, settings.time_zone)
            for index, first_window in zip(shares.touches, shares.first_window, strict=True)
        ),
        credit=shares.credit.ravel().tolist(),
        touch_revenue=shares.revenue.ravel().tolist(),
        touch_revenue_reporting=None if own is None else own.ravel().tolist(),
    )


def _touch(touch: FoundTouch, first_window: int, time_zone: str) -> CreditedTouch:
    return CreditedTouch.model_construct(
        touchpoint_id=touch.touchpoint_id,
        date=local_date(touch.occurred_at, time_zone),
        channel=touch.channel,
        platform=touch.platform,
        campaign=touch.campaign,
        first_window=first_window,
        occurred_at=touch.occurred_at,
    )
