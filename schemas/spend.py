"""`spend.v1`: what an ad account spent on one day, as far down as the vendor tells."""

from schemas.envelope import Currency, Millis, Minor, Record


class Spend(Record):
    """A figure for (source, account, date, campaign); the greatest (reported_at, amount) wins."""

    source: str
    account_id: str
    date: str
    channel: str | None = None
    platform: str
    campaign: str = ""
    currency: Currency
    amount: Minor
    impressions: int | None = None
    clicks: int | None = None
    reported_at: Millis
    received_at: Millis
