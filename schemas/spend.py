"""`spend.v1`: what an ad account spent on one day, as far down as the vendor tells."""

from schemas.envelope import Currency, Id, Millis, Minor, Record


class Spend(Record):
    """A figure for (source, account, date, campaign); the greatest (reported_at, amount) wins."""

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
    reported_at: Millis
    received_at: Millis
