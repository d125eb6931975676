"""The credit of many cases at once, in arrays, as the kernel reads and gives it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain
from typing import Final, NamedTuple

import numpy as np

from processors.credit.snapshot import Case
from processors.domain.attribution import CreditedColumns, JourneyColumns, credit_columns
from processors.domain.attribution.columns import NO_MODEL
from processors.domain.attribution.model_document import UNTRAINED
from processors.domain.attribution.models import IntArray
from processors.domain.money import convert
from processors.domain.numbered import Numbered
from schemas.credit import ConversionState

FALLBACK_MODELS: Final = ("data_driven",)
"""Without a trained model data_driven is linear, and says so."""

_NOTHING_COUNTS: Final = frozenset({"refunded", "cancelled", "charged_back"})


class Answer(NamedTuple):
    """What a case came to: its net in the reporting currency (None when there is no rate that
    gives a plausible amount), and how many touches earn it."""

    case: Case
    reporting: int | None
    touches: int

    @property
    def state(self) -> ConversionState:
        """How the conversion stands."""
        if self.case.conversion.is_pending:
            return "pending_order"
        if self.reporting is None:
            return "pending_rate"
        return "ready" if self.touches else "unattributed"

    @property
    def counts(self) -> bool:
        """Whether it adds anything to the summary."""
        conversion = self.case.conversion
        complete = self.reporting is not None and not conversion.is_pending
        return complete and conversion.status not in _NOTHING_COUNTS

    @property
    def is_converted(self) -> bool:
        """Whether shares of the revenue in the reporting currency are others than in its own."""
        other = self.case.conversion.currency != self.case.settings.currency
        return other and self.reporting is not None

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


class Shares(NamedTuple):
    """The touches that earn one conversion, and their shares."""

    places: list[int]
    """Where each touch is among the case's."""
    first_window: list[int]
    credit: IntArray
    revenue: IntArray
    revenue_reporting: IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Some answers, and the shares of the touches of all of them end to end."""

    answers: Sequence[Answer]
    shares: CreditedColumns

    def apart(self) -> Iterator[tuple[Answer, Shares]]:
        """Each answer with its own shares."""
        shares, start = self.shares, 0
        places, first_window = shares.index.tolist(), shares.first_window.tolist()
        for answer in self.answers:
            own = slice(start, start + answer.touches)
            start += answer.touches
            yield (
                answer,
                Shares(
                    places=places[own],
                    first_window=first_window[own],
                    credit=shares.credit[own],
                    revenue=shares.revenue[own],
                    revenue_reporting=shares.revenue_reporting[own],
                ),
            )


def credited(cases: Sequence[Case]) -> Iterator[Block]:
    """The credit of all cases: in their order, but those whose tenant has a model of its own
    first, since they have more of it."""
    own = [case for case in cases if case.settings.credit.custom is not None]
    rest = [case for case in cases if case.settings.credit.custom is None] if own else cases
    return chain(_credited(own), _credited(rest))


def _credited(cases: Sequence[Case]) -> Iterator[Block]:
    reporting = [_reporting(case) for case in cases]
    start = 0
    for shares in credit_columns(_columns(cases, reporting)):
        counts = shares.counts.tolist()
        some = slice(start, start + len(counts))
        start += len(counts)
        yield Block(list(map(Answer, cases[some], reporting[some], counts)), shares)


def _columns(cases: Sequence[Case], reporting: Sequence[int | None]) -> JourneyColumns:
    """An amount in the reporting currency that nobody will look at is that in the order's own, so
    that most batches have no two."""
    conversions = [case.conversion for case in cases]
    touches = [case.touches for case in cases]
    channels = Numbered[str]()
    settings = {id(case.settings.credit): case.settings.credit for case in cases}
    models = {case.model.version: case.model for case in cases if case.model is not None}
    setting = {own: number for number, own in enumerate(settings)}
    model = {version: number for number, version in enumerate(models)}
    occurred_at = np.fromiter(chain.from_iterable(own.occurred_at for own in touches), np.int64)
    is_view = np.fromiter(chain.from_iterable(own.is_view for own in touches), np.bool_)
    return JourneyColumns(
        converted_at=np.array([own.converted_at for own in conversions], dtype=np.int64),
        revenue=np.array([own.net for own in conversions], dtype=np.int64),
        revenue_reporting=np.array(
            [
                case.conversion.net if amount is None else amount
                for case, amount in zip(cases, reporting, strict=True)
            ],
            dtype=np.int64,
        ),
        setting=np.array([setting[id(case.settings.credit)] for case in cases], dtype=np.int64),
        model=np.array(
            [NO_MODEL if case.model is None else model[case.model.version] for case in cases],
            dtype=np.int64,
        ),
        size=np.array([own.size for own in touches], dtype=np.int64),
        occurred_at=occurred_at,
        is_view=is_view,
        channel=channels.of(chain.from_iterable(own.channels for own in touches)),
        touchpoint_id=list(chain.from_iterable(own.touchpoint_ids for own in touches)),
        channels=tuple(channels),
        settings=list(settings.values()),
        models=list(models.values()),
    )


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
