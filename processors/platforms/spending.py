"""What every reader of spend gives: a figure for a campaign, or an ad, and a day of the account.

A reader is `spend.py` in its vendor's folder. Money is in units of the account's currency, exactly
as the vendor tells it (micros are divided); dates are the account's own, unless its docstring says
otherwise. A vendor tells totals only, so nothing here is a touch of anybody.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import ClassVar, Literal, Protocol, runtime_checkable

from processors.platforms.base import Account
from schemas.delivery import Platform

Level = Literal["campaign", "ad"]


class Unusable(ValueError):
    """A row that has not the documented form; the text says which field."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One subject on one day. Ids are the vendor's and name the subject; names may change.

    `conversions` and `conversion_value` are the vendor's own claims, of all its windows together;
    those by view and click are given where the vendor tells them apart.
    """

    date: date
    currency: str
    amount: Decimal
    campaign_id: str
    campaign: str = ""
    campaign_type: str | None = None
    ad_group_id: str | None = None
    ad_group: str | None = None
    ad_id: str | None = None
    ad: str | None = None
    creative_id: str | None = None
    impressions: int | None = None
    clicks: int | None = None
    reach: int | None = None
    frequency: Decimal | None = None
    video_views: int | None = None
    conversions: Decimal | None = None
    conversion_value: Decimal | None = None
    view_conversions: int | None = None
    click_conversions: int | None = None
    view_value: Decimal | None = None
    click_value: Decimal | None = None

    @property
    def level(self) -> Level:
        """How far down it goes."""
        return "campaign" if self.ad_id is None else "ad"


@runtime_checkable
class Manages(Protocol):
    """A reader of accounts that may stand for others."""

    async def clients(self, account: Account) -> list[Account]:
        """The accounts that are read instead of it; itself where it stands for itself.

        Raises:
            Unreadable: as a reading.
            Unusable: as a reading.
        """
        ...


class SpendReader(Protocol):
    """Reads one vendor's report of spend.

    `platform` is the name that spend and touches bear (`google`), `connection` that of the
    tenant's credentials (`google_ads`; a text where nothing is ever sent). A day is read again for
    `restated_days` after it, as long as the vendor restates it, and at most `days_at_once` are
    asked for together. `levels` are those that the vendor tells. `days_of_utc`: its days are not
    the account's.
    """

    platform: ClassVar[str]
    connection: ClassVar[Platform | str]
    restated_days: ClassVar[int]
    days_at_once: ClassVar[int]
    levels: ClassVar[tuple[Level, ...]]
    days_of_utc: ClassVar[bool]

    def figures(
        self, account: Account, *, since: date, until: date, level: Level
    ) -> AsyncIterator[list[Figure]]:
        """Figures page by page, both dates included. When it ends without an error the whole range
        was read: what is not among them was not spent.

        Raises:
            Unreadable: for credentials that are refused, a vendor that keeps failing or asks for a
                long pause, an answer that may be cut off.
            Unusable: for a row without its date, currency or numbers.
        """
        ...

    async def close(self) -> None:
        """Close the connections."""
        ...
