"""The pure part: which pointers to answer, and the answers."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from processors.credit.blocks import Answer, Shares, credited
from processors.credit.snapshot import Case, FoundTouches
from processors.domain.local_days import local_date
from processors.engine.outcome import APPLIED, DUPLICATE, Dead, Drop, Outcome
from processors.engine.processor import Item
from schemas.conversion import ConversionPointer
from schemas.credit import CreditedTouch, Credits

Key = tuple[str, str]

NOT_YET: Final = Drop("not_yet")


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
        if held and held + case.touches.size > touches:
            yield cases[start:stop]
            start, held = stop, 0
        held += case.touches.size
    if start < len(cases):
        yield cases[start:]


def answer(cases: Sequence[Case]) -> list[Credits]:
    """All credit of each conversion, in their order."""
    records = {id(a.case): _record(a, own) for block in credited(cases) for a, own in block.apart()}
    return [records[id(case)] for case in cases]


def _record(answer: Answer, shares: Shares) -> Credits:
    """Every value comes out of the database or the kernel, so it is not validated again: that
    would cost more than the credit itself."""
    case = answer.case
    conversion, settings = case.conversion, case.settings
    return Credits.model_construct(
        tenant_id=conversion.tenant_id,
        conversion_id=conversion.conversion_id,
        epoch=conversion.epoch,
        rev=conversion.rev,
        settings_version=settings.version,
        model_version=answer.model_version,
        fallback_models=answer.fallback_models,
        custom_version=answer.custom_version,
        source=conversion.source,
        order_id=conversion.order_id,
        state=answer.state,
        status=conversion.status,
        deliverable=conversion.deliverable,
        counts=answer.counts,
        converted_at=conversion.converted_at,
        date=case.date,
        currency=conversion.currency,
        reporting_currency=settings.currency,
        revenue=conversion.net,
        revenue_reporting=answer.reporting,
        touches=tuple(
            _touch(case.touches, index, first_window, settings.time_zone)
            for index, first_window in zip(shares.places, shares.first_window, strict=True)
        ),
        credit=shares.credit.ravel().tolist(),
        touch_revenue=shares.revenue.ravel().tolist(),
        touch_revenue_reporting=shares.revenue_reporting.ravel().tolist()
        if answer.is_converted
        else None,
    )


def _touch(touches: FoundTouches, index: int, first_window: int, time_zone: str) -> CreditedTouch:
    occurred_at = touches.occurred_at[index]
    return CreditedTouch.model_construct(
        touchpoint_id=touches.touchpoint_ids[index],
        date=local_date(occurred_at, time_zone),
        channel=touches.channels[index],
        platform=touches.platforms[index],
        campaign=touches.campaigns[index],
        first_window=first_window,
        occurred_at=occurred_at,
    )
