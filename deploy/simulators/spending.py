"""What ad accounts of a simulated vendor spent: the rows behind its reports, in whose form each
vendor tells them.

They come by `/_sim/rows` under `spend`: {"account": "123", "token": T, "currency": "EUR", "zone":
"Europe/Paris", "unlisted": ["9"], "rows": [{"date": "2026-09-01", "campaign_id": "1", "campaign":
"spring", "ad_group_id": "2", "ad_group": "g", "ad_id": "3", "ad": "a", "spend": "12.30",
"impressions": 90, "clicks": 3, "video_views": 9, "purchases": 3, "value": "60.00", "view": [2,
"40.00"], "click": [1, "20.00"]}]}. A row with `ad_id` is of an ad, another of a campaign; one that
is told again restates, and what it lacks the vendor does not tell. `unlisted` are campaigns that
no list names any more. The `token` is what the account's owner knows: a refresh token, or one that
lasts.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final, Literal

from deploy.simulators.currencies import CURRENCIES

Row = dict[str, Any]
Level = Literal["campaign", "ad"]
MICRO: Final = Decimal(1_000_000)


@dataclass(slots=True)
class Advertiser:
    """An ad account."""

    token: str = ""
    currency: str = "USD"
    zone: str = "UTC"
    unlisted: set[str] = field(default_factory=set)
    rows: dict[tuple[str, str, str], Row] = field(default_factory=dict)

    def of(self, low: date, high: date, level: Level) -> Iterator[Row]:
        """Its rows of these days, both included, oldest first."""
        for (day, _, ad), row in sorted(self.rows.items()):
            if low.isoformat() <= day <= high.isoformat() and (ad != "") == (level == "ad"):
                yield row

    def subjects(self, level: Level) -> dict[str, Row]:
        """Campaigns or ads that lists name: the latest row of each."""
        rows = (row for (_, _, ad), row in sorted(self.rows.items()) if ad or level == "campaign")
        return {row[f"{level}_id"]: row for row in rows if row["campaign_id"] not in self.unlisted}


class Book:
    """All ad accounts of a vendor."""

    def __init__(self) -> None:
        self.accounts: dict[str, Advertiser] = {}

    def told(self, given: dict[str, Any]) -> None:
        """Take rows of an account, and what is known of it.

        Raises:
            KeyError: without the account.
            ValueError: for a currency or a date that is none.
        """
        known = self.accounts.setdefault(given["account"], Advertiser())
        known.token = given.get("token", known.token)
        known.currency = given.get("currency", known.currency)
        known.zone = given.get("zone", known.zone)
        known.unlisted |= set(given.get("unlisted", ()))
        if known.currency not in CURRENCIES:
            raise ValueError(f"{known.currency} is no currency")
        for row in given.get("rows", []):
            day = date.fromisoformat(row["date"]).isoformat()
            known.rows[day, row["campaign_id"], row.get("ad_id", "")] = row


def days(low: date, high: date) -> Iterator[date]:
    """All days, both included."""
    for number in range((high - low).days + 1):
        yield low + timedelta(days=number)


def micro(amount: str | None) -> int | None:
    """Units as millionths of them."""
    return None if amount is None else int(Decimal(amount) * MICRO)


def present(row: Row) -> Row:
    """What has a value."""
    return {name: value for name, value in row.items() if value is not None}
