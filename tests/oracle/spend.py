"""What ad accounts report: spend per day, channel and platform, and the platforms' own claims."""

from collections import defaultdict
from decimal import Decimal

from tests.oracle.channels import BY_PLATFORM
from tests.oracle.commands import Commands
from tests.oracle.log import Log
from tests.oracle.words import Json, Row

COUNTS = ("impressions", "clicks", "reach", "view_conversions", "click_conversions")
FIGURE_COLUMNS = (
    "tenant_id", "date", "channel", "platform", "source", "account_id", "campaign", "spend",
    "impressions", "clicks", "reach", "frequency", "view_conversions", "click_conversions",
    "view_value", "click_value",
)  # fmt: skip
_MILLIONTHS = 10**6

Figures = dict[Row, Json]
"""(date, channel, platform, source, account, campaign) to the record that stands."""


def figures(log: Log) -> Figures:
    """The last word of each account, campaign and day."""
    found: Figures = {}
    for record in log["spend.v1"]:
        channel = record["channel"] or BY_PLATFORM.get(record["platform"], "other")
        place = (record["date"], channel, record["platform"])
        key = (*place, record["source"], record["account_id"], record["campaign"])
        known = found.get(key)
        if known is None or _rank(record) > _rank(known):
            found[key] = record
    return found


def spend(tenant: str, found: Figures, rules: Commands) -> list[Row]:
    """Converted by each day's rate and added up; a figure without a rate waits."""
    totals: dict[Row, int] = defaultdict(int)
    for key, record in found.items():
        amount = money(record, "amount", rules)
        if amount is not None:
            totals[key[:3]] += amount
    return [(tenant, *key, amount) for key, amount in totals.items()]


def figure_rows(tenant: str, found: Figures, rules: Commands) -> list[Row]:
    """Every figure, money in the reporting currency."""
    return [
        (
            tenant, *key, money(record, "amount", rules),
            *(record[name] for name in COUNTS[:3]), frequency(record),
            *(record[name] for name in COUNTS[3:]),
            money(record, "view_value", rules), money(record, "click_value", rules),
        )
        for key, record in found.items()
    ]  # fmt: skip


def money(record: Json, name: str, rules: Commands) -> int | None:
    """An amount of the record in the reporting currency; None when it was not told, or waits."""
    if record[name] is None:
        return None
    return rules.converted(record[name], record["currency"], record["date"])


def frequency(record: Json) -> int | None:
    """In millionths."""
    said = record["frequency"]
    return None if said is None else int(Decimal(said) * _MILLIONTHS)


def _rank(record: Json) -> Row:
    told = (
        *(record[name] for name in COUNTS[:3]), frequency(record),
        *(record[name] for name in (*COUNTS[3:], "view_value", "click_value")),
    )  # fmt: skip
    known = (-1 if figure is None else figure for figure in told)
    return record["reported_at"], record["amount"], record["currency"], *known
