"""Meta's own event match quality of a pixel, by its Dataset Quality API: for each event of the web
a score from 0 to 10, and which share of the events carries each identifier.

Meta counts the last days itself and restates as it likes; a pixel of which it has seen too little
has no scores.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from processors.platforms.meta.pages import trouble
from processors.platforms.meta.settings import MetaSettings
from processors.platforms.reading import Reader, ReadingSettings, Unreadable

FIELDS: Final = (
    "web{event_name,event_match_quality{composite_score,"
    "match_key_feedback{identifier,coverage{percentage}}}}"
)
_LEADS: Final = "Purchase"
_CENT: Final = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Quality:
    """Of one event: the score, 0 to 10, and by Meta's name of an identifier the percentage of the
    events that have it, 0 to 100."""

    score: Decimal
    coverage: Mapping[str, Decimal]


class DatasetQuality:
    """A reader of match quality."""

    def __init__(self, settings: MetaSettings, reading: ReadingSettings) -> None:
        self._settings = settings
        self._reader = Reader(reading)

    async def of_pixel(self, pixel: str, token: str) -> dict[str, Quality]:
        """By the event's name.

        Raises:
            Unreadable: for a token or a pixel that is refused, for Meta when it keeps failing or
                answers something else.
        """
        base = self._settings.base_url.rstrip("/")
        _, found = await self._reader.page(
            f"{base}/{self._settings.version}/dataset_quality",
            headers={"authorization": f"Bearer {token}"},
            params={"dataset_id": pixel, "fields": FIELDS},
            judge=trouble,
        )
        return read(found)

    async def close(self) -> None:
        """Close the connections."""
        await self._reader.close()


def read(answer: Any) -> dict[str, Quality]:
    """The scores of an answer; an event without one has none yet.

    Raises:
        Unreadable: for an answer of another form, or a number that is none of these.
    """
    rows = answer.get("web", []) if isinstance(answer, dict) else None
    if not isinstance(rows, list):
        raise Unreadable("the answer has no list of events")
    found: dict[str, Quality] = {}
    for row in rows:
        name, told = _at(row, "event_name"), _at(row, "event_match_quality")
        score = _at(told, "composite_score")
        if not isinstance(name, str) or score is None:
            continue
        keys = _at(told, "match_key_feedback") or []
        coverage = {
            key["identifier"]: _number(_at(_at(key, "coverage"), "percentage"), most=100)
            for key in (keys if isinstance(keys, list) else [])
            if isinstance(_at(key, "identifier"), str)
            and _at(_at(key, "coverage"), "percentage") is not None
        }
        found[name] = Quality(_number(score, most=10), coverage)
    return found


def overall(found: Mapping[str, Quality]) -> Decimal | None:
    """One score of the pixel: that of Purchase, by which campaigns are judged, else the mean of all
    events; None without any."""
    if not found:
        return None
    if _LEADS in found:
        return found[_LEADS].score
    return (sum((one.score for one in found.values()), Decimal()) / len(found)).quantize(_CENT)


def _at(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else None


def _number(value: Any, *, most: int) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
        raise Unreadable(f"a score is no number from 0 to {most}")
    return Decimal(str(value)).quantize(_CENT)
