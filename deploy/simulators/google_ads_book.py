"""Google's books: which conversions count, and what they were adjusted to."""

from datetime import datetime
from typing import Any, Final

from deploy.simulators.google_ads_uploads import ADJUSTED_WITHIN_SECONDS, Wrong
from deploy.simulators.ledger import Ledger, Receipt

FOREVER: Final = 1e12
_ENUM: Final = "conversionAdjustmentUploadError"

Key = tuple[str, str, str]
"""Customer, conversion action, transaction id."""


class Book:
    """Both APIs write here, so that a conversion of the one is known to the other."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._occurred: dict[Key, float] = {}
        self._adjusted: dict[Key, tuple[float, float | None]] = {}
        for row in ledger.accepted():
            key, payload = (row.account, row.event_name, row.id), row.payload
            if "adjustmentType" in payload:
                order = (row.account, payload["action"], payload["orderId"])
                at = datetime.fromisoformat(payload["adjustmentDateTime"]).timestamp()
                self._adjusted[order] = (at, row.value)
            else:
                self._occurred[key] = payload["occurredAt"]

    def knows(self, key: Key) -> bool:
        """Whether the conversion counts already."""
        return key in self._occurred

    def adjustments(self) -> dict[str, float | None]:
        """Order -> its value now; None where the conversion is retracted."""
        return {key[2]: value for key, (_, value) in self._adjusted.items()}

    def record(
        self, key: Key, *, at: float, now: float, row: dict[str, Any], worth: tuple[Any, Any]
    ) -> None:
        """A conversion; the same again is a duplicate."""
        self._occurred.setdefault(key, at)
        self._take(key, key[1], key[2], worth, {**row, "occurredAt": at}, now=now)

    def adjust(self, key: Key, row: dict[str, Any], *, at: float, now: float) -> None:
        """A retraction or a restatement of what is known.

        Raises:
            Wrong: for a conversion that is unknown, too old, or adjusted otherwise.
        """
        occurred, last = self._occurred.get(key), self._adjusted.get(key)
        if occurred is None:
            raise Wrong(_ENUM, "CONVERSION_NOT_FOUND", "order_id")
        if at < occurred:
            raise Wrong(_ENUM, "ADJUSTMENT_PRECEDES_CONVERSION", "adjustment_date_time")
        if now - occurred > ADJUSTED_WITHIN_SECONDS:
            raise Wrong(_ENUM, "CONVERSION_EXPIRED", "order_id")
        if last is not None:
            if last[1] is None:
                raise Wrong(_ENUM, "CONVERSION_ALREADY_RETRACTED", "order_id")
            if row["adjustmentType"] == "RESTATEMENT" and at <= last[0]:
                same = "RESTATEMENT_ALREADY_EXISTS"
                code = same if at == last[0] else "MORE_RECENT_RESTATEMENT_FOUND"
                raise Wrong(_ENUM, code, "adjustment_date_time")
        value = row.get("restatementValue", {})
        worth = value.get("adjustedValue"), value.get("currencyCode")
        self._adjusted[key] = (at, worth[0])
        name = f"{key[2]} {row['adjustmentType']} {row['adjustmentDateTime']}"
        self._take(key, row["adjustmentType"], name, worth, {**row, "action": key[1]}, now=now)

    def _take(
        self,
        key: Key,
        event_name: str,
        name: str,
        worth: tuple[Any, Any],
        payload: dict[str, Any],
        *,
        now: float,
    ) -> None:
        receipt = Receipt(
            key=(*key, name),
            account=key[0],
            event_name=event_name,
            id=name,
            value=worth[0],
            currency=worth[1],
            payload=payload,
        )
        self._ledger.take([receipt], at=now, window_seconds=FOREVER)
