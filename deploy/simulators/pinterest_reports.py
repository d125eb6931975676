"""Pinterest's reports of an ad account: asked for, looked at, and downloaded from a signed address.

How they go comes by `/_sim/rows` under `reports`: {"polls": 1, "fails": false, "ended": false};
`polls` is how often one is in progress, and `ended` has those that were asked for expire.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from deploy.simulators.spending import Advertiser, Level, Row, present

PATH: Final = "/{version}/ad_accounts/{account}/reports"
FILE: Final = "/report-files/{account}/{token}"
MOST_BACK: Final = 914
MOST_DAYS: Final = 186
_LEVELS: Final[dict[str, tuple[Level, frozenset[str]]]] = {
    "CAMPAIGN": ("campaign", frozenset({"CAMPAIGN_ID", "CAMPAIGN_NAME"})),
    "PIN_PROMOTION": ("ad", frozenset({"AD_ID", "CAMPAIGN_ID", "AD_GROUP_ID", "CAMPAIGN_NAME"})),
}
_NAMES: Final = {
    "CAMPAIGN_ID": "campaign_id", "CAMPAIGN_NAME": "campaign", "AD_ID": "ad_id",
    "AD_GROUP_ID": "ad_group_id",
}  # fmt: skip
_KNOWN: Final = frozenset(
    {
        "start_date", "end_date", "granularity", "level", "columns", "report_format",
        "click_window_days", "engagement_window_days", "view_window_days", "campaign_ids", "ad_ids",
    }
)  # fmt: skip
_ADDRESS_SECONDS: Final = 300.0


@dataclass(slots=True)
class _Report:
    account: str
    polls: int
    rows: dict[str, list[Row]]
    address_at: float = 0.0


class Reports:
    """All that were asked for."""

    def __init__(self) -> None:
        self._reports: dict[str, _Report] = {}
        self._polls = 0
        self._fails = False
        self._count = 0

    @property
    def count(self) -> int:
        """How many."""
        return self._count

    def told(self, given: dict[str, Any]) -> None:
        """How they go."""
        self._polls = int(given.get("polls", self._polls))
        self._fails = bool(given.get("fails", self._fails))
        if given.get("ended"):
            self._reports.clear()

    def ask(
        self, account: str, asked: Any, known: Advertiser, columns: Callable[[Row], Row]
    ) -> Row:
        """The token of a report.

        Raises:
            ValueError: for a question that the vendor refuses.
        """
        if not isinstance(asked, dict) or asked.keys() - _KNOWN:
            raise ValueError("an unknown parameter")
        level, subjects = _LEVELS.get(str(asked.get("level")), (None, frozenset()))
        names = asked.get("columns")
        if level is None or not isinstance(names, list) or not names:
            raise ValueError("level and columns are required")
        if set(names) - subjects - columns({}).keys():
            raise ValueError("columns are not known at this level")
        if asked.get("granularity") != "DAY" or asked.get("report_format", "JSON") != "JSON":
            raise ValueError("granularity and report_format are not told here")
        low, high = (date.fromisoformat(str(asked.get(e))) for e in ("start_date", "end_date"))
        oldest = datetime.now(UTC).date() - timedelta(days=MOST_BACK)
        if not oldest <= low <= high < low + timedelta(days=MOST_DAYS):
            raise ValueError("start_date or end_date is out of range")
        rows: dict[str, list[Row]] = {}
        for row in known.of(low, high, level):
            told = {**columns(row), **{name: row.get(key) for name, key in _NAMES.items()}}
            shown = present({name: told[name] for name in names})
            rows.setdefault(row[f"{level}_id"], []).append({"DATE": row["date"], **shown})
        self._count += 1
        token = f"report-{self._count}"
        self._reports[token] = _Report(account, self._polls, rows)
        return {"report_status": "IN_PROGRESS", "token": token, "message": ""}

    def look(self, account: str, token: str, *, base: str) -> Row:
        """How far it is."""
        found = self._reports.get(token)
        if found is None or found.account != account:
            return {"report_status": "DOES_NOT_EXIST", "url": None, "size": None}
        found.polls -= 1
        if found.polls >= 0:
            return {"report_status": "IN_PROGRESS", "url": None, "size": None}
        if self._fails:
            return {"report_status": "FAILED", "url": None, "size": None}
        found.address_at = time.time()
        url = f"{base}{FILE.format(account=account, token=token)}?sig=secret-1"
        return {"report_status": "FINISHED", "url": url, "size": 1}

    def file(self, token: str) -> dict[str, list[Row]] | None:
        """What it found; None at an address that has ended."""
        found = self._reports.get(token)
        if found is None or time.time() - found.address_at > _ADDRESS_SECONDS:
            return None
        return found.rows
