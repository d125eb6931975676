"""`spend.v1`: what an ad account spent on one day, as far down as the vendor tells.

A vendor tells totals only: how many people saw the ads (`reach`), how often each (`frequency`), and
how many purchases, and what value, it claims for views and for clicks. Who saw an ad it never says,
so none of this becomes a touch of anybody.
"""

from typing import Annotated

from pydantic import Field

from schemas.envelope import Currency, Id, Millis, Minor, Record

Decimals = Annotated[str, Field(pattern=r"^\d{1,9}(\.\d{1,6})?$", description="a plain decimal")]


class Spend(Record):
    """A figure for (source, account, date, campaign); the greatest (reported_at, amount) wins,
    then the greatest of all that follows."""

    source: Id
    account_id: Id
    date: str
    channel: Id | None = None
    platform: Id
    campaign: Id = ""
    currency: Currency
    amount: Minor
    impressions: int | None = None
    clicks: int | None = None
    reach: int | None = None
    frequency: Decimals | None = None
    view_conversions: int | None = None
    click_conversions: int | None = None
    view_value: Minor | None = None
    click_value: Minor | None = None
    reported_at: Millis
    received_at: Millis
