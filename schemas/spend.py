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
    """A figure for (source, account, date, subject); the greatest (reported_at, amount) wins,
    then the greatest of all that follows.

    The subject is the ad, if there is an `ad_id`; else the campaign by its id, else by its name,
    else the account's channel. Names, channel and type are what the standing figure says they are.
    Ads stand beside campaigns and are never added to them.
    """

    source: Id
    account_id: Id
    date: str
    channel: Id | None = None
    platform: Id
    campaign: Id = ""
    campaign_id: Id | None = None
    campaign_type: Id | None = Field(None, description="as the vendor calls it")
    ad_group_id: Id | None = Field(None, description="of an ad: its ad group, ad set or squad")
    ad_group: Id | None = None
    ad_id: Id | None = None
    ad: Id | None = None
    creative_id: Id | None = None
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
    video_views: int | None = None
    conversions: Decimals | None = Field(
        None, description="the vendor's own claim, of all its windows together"
    )
    conversion_value: Minor | None = None
    reported_at: Millis
    received_at: Millis
