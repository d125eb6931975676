"""What Google recommends to do in an account (GAQL `recommendation`): read, never applied.

Each tells its type, the campaign it is about, whether somebody dismissed it, and for some types the
weekly figures without and with it (google.ads.googleads Recommendation: `impact`, cost in micros of
the account's currency). The list is as it is now: what is not in it is done or gone. An id is the
end of its name, and lasts as long as Google keeps the recommendation.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, Self

from processors.engine.clock import Clock
from processors.platforms import measures
from processors.platforms.base import Account
from processors.platforms.google_ads.search import Row, Search, at, select
from processors.platforms.google_ads.settings import GoogleAdsSettings
from processors.platforms.reading import ReadingSettings
from processors.platforms.spending import Unusable

_FIELDS: Final = tuple(
    f"recommendation.{name}"
    for name in ("resource_name", "type", "campaign", "dismissed", "impact")
)
_METRICS: Final = {
    "impressions": "impressions",
    "clicks": "clicks",
    "costMicros": "cost",
    "conversions": "conversions",
    "conversionsValue": "conversion_value",
    "videoViews": "video_views",
}

Weekly = dict[str, Decimal]
"""Figures of a week, by name; those that Google does not tell are left out. Money is in units of
the account's currency."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation:
    """One of them; `kind` is Google's own name of its type."""

    recommendation_id: str
    kind: str
    campaign_id: str | None
    dismissed: bool
    base: Weekly
    potential: Weekly


class Recommendations:
    """Reads recommendations."""

    def __init__(
        self, settings: GoogleAdsSettings, reading: ReadingSettings, *, clock: Clock
    ) -> None:
        self._search = Search(settings, reading, clock=clock)

    @classmethod
    def load(cls, reading: ReadingSettings, clock: Clock) -> Self:
        """With the settings of the environment."""
        return cls(GoogleAdsSettings.load(), reading, clock=clock)

    async def of(self, account: Account) -> list[Recommendation]:
        """All that there are.

        Raises:
            Unreadable: for credentials that are refused, a vendor that keeps failing or asks for a
                long pause.
            Unusable: for one without a name or a type, or with a figure that is none.
        """
        found: list[Recommendation] = []
        async for rows in self._search.pages(account, select(_FIELDS, "recommendation")):
            found += [recommendation(row) for row in rows]
        return found

    async def close(self) -> None:
        """Close the connections."""
        await self._search.close()


def recommendation(row: Row) -> Recommendation:
    """A row as a recommendation.

    Raises:
        Unusable: when its name or its type is missing, or a figure is none.
    """
    name, kind = (at(row, f"recommendation.{part}") for part in ("resource_name", "type"))
    if not isinstance(name, str) or not isinstance(kind, str) or not name or not kind:
        raise Unusable("recommendation.resource_name or its type is missing")
    campaign = at(row, "recommendation.campaign")
    return Recommendation(
        recommendation_id=name.rpartition("/")[2],
        kind=kind,
        campaign_id=campaign.rpartition("/")[2] if isinstance(campaign, str) and campaign else None,
        dismissed=at(row, "recommendation.dismissed") is True,
        base=_weekly(at(row, "recommendation.impact.base_metrics")),
        potential=_weekly(at(row, "recommendation.impact.potential_metrics")),
    )


def _weekly(told: Any) -> Weekly:
    figures = told if isinstance(told, dict) else {}
    found = {
        ours: (measures.micros if ours == "cost" else measures.number)(figures, theirs)
        for theirs, ours in _METRICS.items()
    }
    return {name: value for name, value in found.items() if value is not None}
