"""Who changed what in a Google Ads account: Google tells nobody by itself, so that its history of
changes is asked for (GAQL `change_event`).

The history goes 30 days back, and a question must bound its time and its number of rows, 10,000 at
most (google.ads.googleads ChangeEventError); longer answers are read on from their last row. A
change shows up within three minutes. Its name ends with the time in microseconds and two numbers,
`1756684800123456~0~0`: that is its id. `change_date_time` is told in the account's time zone, so
that the moment is taken from the id, whose time we take to be of the epoch (not verified). A date
in a question is taken for its midnight, as Google's own examples do. The email of who did it leaves
here as a hash.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, Self

from processors.domain.hashing import email_hash
from processors.engine.clock import Clock
from processors.platforms.base import Account
from processors.platforms.google_ads.search import Row, Search, at, select
from processors.platforms.google_ads.settings import GoogleAdsSettings
from processors.platforms.reading import ReadingSettings, Unreadable
from processors.platforms.spending import Unusable

HISTORY_DAYS: Final = 29
"""How many days before today may be asked for in every time zone."""
_DAY: Final = timedelta(days=1)
_LIMIT: Final = 10_000
_MOST: Final = 100
_MOMENT: Final = "change_event.change_date_time"
_NAME: Final = "change_event.resource_name"
_FIELDS: Final = (
    _NAME, _MOMENT, "change_event.change_resource_type", "change_event.change_resource_name",
    "change_event.user_email", "change_event.client_type",
    "change_event.resource_change_operation", "change_event.changed_fields",
    "change_event.campaign", "change_event.ad_group", "change_event.old_resource",
    "change_event.new_resource",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change; `changed_at` is epoch milliseconds, `old` and `new` have the changed fields of
    the resource alone, under Google's names. Names of resources are Google's own."""

    change_id: str
    changed_at: int
    resource_type: str
    resource_name: str
    operation: str
    client_type: str | None
    changed_by_sha256: str | None
    campaign_id: str | None
    ad_group_id: str | None
    changed_fields: tuple[str, ...]
    old: dict[str, Any]
    new: dict[str, Any]


class ChangeHistory:
    """Reads changes."""

    def __init__(
        self, settings: GoogleAdsSettings, reading: ReadingSettings, *, clock: Clock
    ) -> None:
        self._search = Search(settings, reading, clock=clock)

    @classmethod
    def load(cls, reading: ReadingSettings, clock: Clock) -> Self:
        """With the settings of the environment."""
        return cls(GoogleAdsSettings.load(), reading, clock=clock)

    async def changes(
        self, account: Account, *, since: date, until: date
    ) -> AsyncIterator[list[Change]]:
        """Changes, the oldest first, each once; the dates are the account's, both included.

        Raises:
            Unreadable: for credentials that are refused, a vendor that keeps failing or asks for a
                long pause, more changes at one moment than an answer holds.
            Unusable: for a change without an id, a time or a resource.
        """
        low, high = since.isoformat(), (until + _DAY).isoformat()
        seen = frozenset[str]()
        for _ in range(_MOST):
            rows: list[Row] = []
            async for page in self._search.pages(account, query(low, high)):
                rows += page
            found = [change(row) for row in rows]
            yield [one for one in found if one.change_id not in seen]
            if len(rows) < _LIMIT:
                return
            last = str(at(rows[-1], _MOMENT))
            if last == low:
                raise Unreadable(f"over {_LIMIT} changes at one moment")
            low, seen = last, frozenset(one.change_id for one in found)
        raise Unreadable(f"over {_MOST * _LIMIT} changes")

    async def close(self) -> None:
        """Close the connections."""
        await self._search.close()


def query(low: str, high: str) -> str:
    """The question; both bounds are dates, or `2026-09-01 12:00:00.123456`."""
    moments = f"{_MOMENT} >= '{low}' AND {_MOMENT} <= '{high}'"
    return select(_FIELDS, "change_event", where=moments, order=f"{_MOMENT} ASC", limit=_LIMIT)


def change(row: Row) -> Change:
    """A row as a change.

    Raises:
        Unusable: when its id, time or resource is missing.
    """
    own = _text(row, _NAME).rpartition("/")[2]
    micros = own.partition("~")[0]
    if not micros.isdecimal():
        raise Unusable(f"{_NAME} tells no time")
    email = at(row, "change_event.user_email")
    fields = at(row, "change_event.changed_fields")
    return Change(
        change_id=own,
        changed_at=int(micros) // 1000,
        resource_type=_text(row, "change_event.change_resource_type"),
        resource_name=_text(row, "change_event.change_resource_name"),
        operation=_text(row, "change_event.resource_change_operation"),
        client_type=_optional(row, "change_event.client_type"),
        changed_by_sha256=email_hash(email) if isinstance(email, str) and email else None,
        campaign_id=_last(row, "change_event.campaign"),
        ad_group_id=_last(row, "change_event.ad_group"),
        changed_fields=tuple(fields.split(",")) if isinstance(fields, str) and fields else (),
        old=_resource(row, "change_event.old_resource"),
        new=_resource(row, "change_event.new_resource"),
    )


def _resource(row: Row, path: str) -> dict[str, Any]:
    """What is under the type's name."""
    found = at(row, path)
    inner = list(found.values()) if isinstance(found, dict) else []
    return inner[0] if len(inner) == 1 and isinstance(inner[0], dict) else {}


def _last(row: Row, path: str) -> str | None:
    name = _optional(row, path)
    return None if name is None else name.rpartition("/")[2]


def _text(row: Row, path: str) -> str:
    found = _optional(row, path)
    if found is None:
        raise Unusable(f"{path} is missing")
    return found


def _optional(row: Row, path: str) -> str | None:
    found = at(row, path)
    return found if isinstance(found, str) and found else None
