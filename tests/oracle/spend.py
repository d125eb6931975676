"""What ad accounts spent, per day, channel and platform, in the reporting currency."""

from collections import defaultdict

from tests.oracle.channels import BY_PLATFORM
from tests.oracle.commands import Commands
from tests.oracle.log import Log
from tests.oracle.words import Json, Row


def spend(tenant: str, log: Log, rules: Commands) -> list[Row]:
    """The last word of each account, campaign and day, converted by that day's rate and added up;
    a figure without a rate waits."""
    figures: dict[Row, Json] = {}
    for record in log["spend.v1"]:
        channel = record["channel"] or BY_PLATFORM.get(record["platform"], "other")
        place = (record["date"], channel, record["platform"])
        key = (*place, record["source"], record["account_id"], record["campaign"])
        known = figures.get(key)
        if known is None or _rank(record) > _rank(known):
            figures[key] = record
    totals: dict[Row, int] = defaultdict(int)
    for key, record in figures.items():
        amount = rules.converted(record["amount"], record["currency"], record["date"])
        if amount is not None:
            totals[key[:3]] += amount
    return [(tenant, *key, amount) for key, amount in totals.items()]


def _rank(record: Json) -> tuple[int, int]:
    return record["reported_at"], record["amount"]
