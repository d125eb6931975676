"""What a shop owes to affiliates: the transactions of its programme at Awin, added up by publisher
and day (`GET /advertisers/{id}/transactions/`).

Spend is the commission with the network's own fee, where one is told; a publisher stands for a
campaign. A transaction counts on its own day, from the moment it is tracked: one that is declined
or deleted later is owed no more, and leaves its day, so that the days of a usual validation are
read again. `conversions` are transactions that are no bonus, `conversion_value` what was sold; of a
day with a bonus alone there are none.

Awin's pages ("Get List of Transactions", "Introduction"): a range has 31 days at most, 20 questions
a minute are answered, nothing is paged. Unverified: that `transactionDate` is told in the zone that
was asked for, that the fee is owed besides the commission, that one publisher's day has one
currency (otherwise nothing is read), and for how long transactions change. What other networks, or
a programme of one's own, cost comes as a report by day and publisher (`import --kind spend
--platform affiliate`) or through `/v1/spend`.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, Final, Self

from processors.engine.clock import Clock
from processors.platforms import measures
from processors.platforms.affiliate.settings import USUAL_ZONE, AffiliateSettings
from processors.platforms.base import Account
from processors.platforms.measures import Row
from processors.platforms.reading import Reader, ReadingSettings, Unreadable
from processors.platforms.spending import Figure, Level, Unusable
from schemas.delivery import Platform

_OWED: Final = frozenset({"pending", "approved"})
_NOT_OWED: Final = frozenset({"declined", "deleted"})
_BONUS: Final = "bonus"


class AffiliateSpend:
    """A reader of transactions."""

    platform: ClassVar[str] = "affiliate"
    connection: ClassVar[Platform | str] = "affiliate"
    restated_days: ClassVar[int] = 90
    days_at_once: ClassVar[int] = 30
    levels: ClassVar[tuple[Level, ...]] = ("campaign",)
    days_of_utc: ClassVar[bool] = False

    def __init__(self, settings: AffiliateSettings, reading: ReadingSettings) -> None:
        self._base = settings.base_url.rstrip("/")
        self._reader = Reader(reading)

    @classmethod
    def load(cls, reading: ReadingSettings, _: Clock) -> Self:
        """With the settings of the environment."""
        return cls(AffiliateSettings.load(), reading)

    async def figures(
        self, account: Account, *, since: date, until: date, level: Level
    ) -> AsyncIterator[list[Figure]]:
        """All figures at once, as `spending.SpendReader` has it; Awin knows no ads."""
        token = account.secret("access_token")
        if not token or not account.account_id:
            raise Unreadable("needs affiliate_advertiser_id and affiliate_access_token")
        _, found = await self._reader.page(
            f"{self._base}/advertisers/{account.account_id}/transactions/",
            headers={"authorization": f"Bearer {token}"},
            params={
                "startDate": f"{since}T00:00:00",
                "endDate": f"{until}T23:59:59",
                "timezone": account.secret("time_zone") or USUAL_ZONE,
                "dateType": "transaction",
            },
        )
        rows = measures.rows_of(found, "list of transactions")
        yield figures(rows, since=since, until=until) if level == "campaign" else []

    async def close(self) -> None:
        """Close the connections."""
        await self._reader.close()


@dataclass(slots=True)
class _Owed:
    """To a publisher, of a day."""

    publisher: str
    currency: str
    amount: Decimal = Decimal(0)
    sold: Decimal = Decimal(0)
    sales: int = 0


def figures(rows: list[Row], *, since: date, until: date) -> list[Figure]:
    """Transactions as figures.

    Raises:
        Unusable: for a transaction without its day, publisher, state or commission, and for two
            currencies of one publisher and day.
    """
    found: dict[tuple[date, str], _Owed] = {}
    for row in rows:
        day = measures.day(row, "transactionDate", since=since, until=until)
        if not _is_owed(row):
            continue
        amount, currency = _money(row, "commissionAmount")
        key = day, measures.identity(row, "publisherId")
        name = measures.text(row, "siteName") or ""
        owed = found.setdefault(key, _Owed(name, currency))
        if owed.currency != currency:
            raise Unusable("commissions of one publisher and day are in two currencies")
        owed.amount += amount + _in(row, "networkFee", currency)
        if (measures.text(row, "type") or "").lower() != _BONUS:
            owed.sales += 1
            owed.sold += _in(row, "saleAmount", currency)
    return [
        Figure(
            date=day,
            currency=owed.currency,
            amount=owed.amount,
            campaign_id=publisher,
            campaign=owed.publisher,
            conversions=Decimal(owed.sales) if owed.sales else None,
            conversion_value=owed.sold if owed.sales else None,
        )
        for (day, publisher), owed in found.items()
    ]


def _is_owed(row: Row) -> bool:
    state = measures.text(row, "commissionStatus")
    if state not in _OWED | _NOT_OWED:
        raise Unusable("commissionStatus is none of those that are known")
    return state in _OWED


def _money(row: Row, name: str) -> tuple[Decimal, str]:
    told: Any = row.get(name)
    if not isinstance(told, dict):
        raise Unusable(f"{name} is missing")
    return measures.needed(measures.number(told, "amount"), name), measures.currency(
        told, "currency"
    )


def _in(row: Row, name: str, currency: str) -> Decimal:
    """What is told in this currency; nothing where it is not told, or in another."""
    if not isinstance(row.get(name), dict):
        return Decimal(0)
    amount, told = _money(row, name)
    return amount if told == currency else Decimal(0)
