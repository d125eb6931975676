"""The pure part: which credits to apply, and what they change in the cells of journeys."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from processors.engine.outcome import DUPLICATE, Dead, Drop, Outcome
from processors.engine.processor import Item
from processors.summary.changes import Change
from processors.summary.journeys import JourneyCell, Walk, deltas
from processors.summary.rows import Shown, shown
from schemas.credit import Credits

Key = tuple[str, str]

OTHER_EPOCH: Final = Drop("other_epoch")


@dataclass(frozen=True, slots=True)
class Candidate:
    """The credits of a conversion that may be applied, and where in the batch they are."""

    row: Shown
    place: int
    shard: int


def choose(batch: Sequence[Item], epoch: str) -> tuple[dict[Key, Candidate], list[Outcome]]:
    """The greatest revision of each conversion, and how the batch ends if none is applied."""
    chosen: dict[Key, Candidate] = {}
    outcomes: list[Outcome] = []
    for place, item in enumerate(batch):
        record = item.value
        end: Outcome = DUPLICATE
        if isinstance(record, Dead):
            end = record
        elif isinstance(record, Credits):
            row = shown(record) if record.epoch == epoch else OTHER_EPOCH
            if isinstance(row, Shown):
                key = record.tenant_id, record.conversion_id
                if key not in chosen or record.rev > chosen[key].row.record.rev:
                    chosen[key] = Candidate(row=row, place=place, shard=item.message.partition)
            else:
                end = row
        outcomes.append(end)
    return chosen, outcomes


def journey_deltas(changes: Iterable[Change]) -> dict[JourneyCell, tuple[list[int], list[int]]]:
    """The sum of the changes by cell of journeys, as (conversions, revenue) x windows."""
    return deltas(
        (
            change.sign,
            Walk(
                tenant_id=change.tenant_id,
                shard=change.shard,
                date=change.earned.date,
                revenue=change.earned.revenue,
                channels=change.earned.channels,
                firsts=change.earned.firsts,
                seconds=change.earned.seconds,
            ),
        )
        for change in changes
        if change.earned.seconds is not None
    )
