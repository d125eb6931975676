"""What ad accounts report: spend per day, channel and platform, and the platforms' own claims."""

from collections import defaultdict
from decimal import Decimal

from tests.oracle.channels import BY_PLATFORM
from tests.oracle.commands import Commands
from tests.oracle.log import Log
from tests.oracle.words import Json, Row

COUNTS = ("impressions", "clicks", "reach", "view_conversions", "click_conversions")
_AMOUNTS = ("view_value", "click_value")
FIGURE_COLUMNS = (
    "tenant_id", "source", "account_id", "date", "platform", "subject", "channel", "campaign",
    "campaign_id", "spend", "impressions", "clicks", "reach", "frequency", "view_conversions",
    "click_conversions", "view_value", "click_value", "video_views", "conversions",
    "conversion_value",
)  # fmt: skip
AD_COLUMNS = (
    "tenant_id", "source", "account_id", "date", "platform", "ad_id", "channel", "campaign",
    "campaign_id", "campaign_type", "ad_group_id", "ad_group", "ad", "creative_id", "currency",
    "amount", "impressions", "clicks", "reach", "frequency", "view_conversions",
    "click_conversions", "view_value", "click_value", "video_views", "conversions",
    "conversion_value", "reported_at",
)  # fmt: skip
_CAMPAIGN = ("campaign_id", "campaign_type")
_AD = ("ad_group_id", "ad_group", "ad", "creative_id")
_SEARCH_TYPES = {
    "SEARCH": "paid_search", "SHOPPING": "paid_shopping", "VIDEO": "paid_video",
    "DISPLAY": "display", "AUDIENCE": "display",
}  # fmt: skip
_MILLIONTHS = 10**6

Figures = dict[Row, Json]
"""(source, account, date, platform, subject) to the record that stands; a campaign's, or an ad's
with its id alone."""


def figures(log: Log, *, ads: bool = False) -> Figures:
    """The last word of each account, subject and day; of ads, or of all else."""
    found: Figures = {}
    for record in log["spend.v1"]:
        if (record["ad_id"] is not None) is ads:
            key = (
                record["source"], record["account_id"], record["date"], record["platform"],
                _subject(record),
            )  # fmt: skip
            known = found.get(key)
            if known is None or _rank(record) > _rank(known):
                found[key] = record
    return found


def channel(record: Json) -> str:
    """As told, else what the type of the campaign says at a search engine, else the platform's."""
    typed = None
    if record["platform"] in ("google", "microsoft"):
        typed = _SEARCH_TYPES.get((record["campaign_type"] or "").upper())
    told: str | None = record["channel"] or typed
    return told or BY_PLATFORM.get(record["platform"], "other")


def campaign(record: Json) -> str:
    """What the figure's campaign is called."""
    return str(record["campaign"] or record["campaign_id"] or "")


def spend(tenant: str, found: Figures, rules: Commands) -> list[Row]:
    """Converted by each day's rate and added up; a figure without a rate waits."""
    totals: dict[Row, int] = defaultdict(int)
    for record in found.values():
        amount = money(record, "amount", rules)
        if amount is not None:
            totals[record["date"], channel(record), record["platform"]] += amount
    return [(tenant, *key, amount) for key, amount in totals.items()]


def figure_rows(tenant: str, found: Figures, rules: Commands) -> list[Row]:
    """Every figure of a campaign, money in the reporting currency."""
    return [
        (
            tenant, *key, channel(record), campaign(record), record["campaign_id"],
            money(record, "amount", rules),
            *(record[name] for name in COUNTS[:3]), millionths(record, "frequency"),
            *(record[name] for name in COUNTS[3:]),
            *(money(record, name, rules) for name in _AMOUNTS),
            record["video_views"], millionths(record, "conversions"),
            money(record, "conversion_value", rules),
        )
        for key, record in found.items()
    ]  # fmt: skip


def ad_rows(tenant: str, found: Figures) -> list[Row]:
    """Every figure of an ad, in its own currency."""
    return [
        (
            tenant, *key, *_about(record), record["currency"], record["amount"], *_told(record),
            record["reported_at"],
        )
        for key, record in found.items()
    ]  # fmt: skip


def money(record: Json, name: str, rules: Commands) -> int | None:
    """An amount of the record in the reporting currency; None when it was not told, or waits."""
    if record[name] is None:
        return None
    return rules.converted(record[name], record["currency"], record["date"])


def millionths(record: Json, name: str) -> int | None:
    """A decimal, in millionths."""
    said = record[name]
    return None if said is None else int(Decimal(said) * _MILLIONTHS)


def _subject(record: Json) -> str:
    if record["ad_id"] is not None:
        return str(record["ad_id"])
    if record["campaign_id"]:
        return f"id:{record['campaign_id']}"
    if record["campaign"]:
        return f"name:{record['campaign']}"
    return "channel:" + channel(record)


def _about(record: Json) -> Row:
    names = _CAMPAIGN if record["ad_id"] is None else _CAMPAIGN + _AD
    return channel(record), campaign(record), *(record[name] for name in names)


def _told(record: Json) -> Row:
    return (
        *(record[name] for name in COUNTS[:3]), millionths(record, "frequency"),
        *(record[name] for name in (*COUNTS[3:], *_AMOUNTS, "video_views")),
        millionths(record, "conversions"), record["conversion_value"],
    )  # fmt: skip


def _rank(record: Json) -> Row:
    known = (-1 if figure is None else figure for figure in _told(record))
    names = (name or "" for name in _about(record))
    return record["reported_at"], record["amount"], record["currency"], *known, *names
