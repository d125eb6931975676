"""THE LOG as if erased people had never been, but for the money of their orders."""

import hashlib
from collections.abc import Iterable

from tests.oracle import ids
from tests.oracle.log import Log, is_real
from tests.oracle.nodes import nodes
from tests.oracle.words import Json

ORDERS, PURCHASES = "orders of erased people", "purchases of erased people"
"""Names under which the log says of which orders only the money is left, and what was paid in the
pixel events that are left out."""

_NAMES = ("visitor_id", "session_id", "checkout_id", "consent")
_PARTS = ("identifiers", "marketing", "browser")


def subject(tenant: str, node: str) -> str:
    """What a command calls an id."""
    return hashlib.sha256(f"{tenant}|{node}".encode()).hexdigest()


def kept(log: Log) -> Log:
    """The log without what was received of somebody until they were erased, and without what was
    received again later under the same event id."""
    until = _erasures(log)
    if not until:
        return log
    gone = _Gone(log, until)
    left = {
        **log,
        "touchpoints.v1": [r for r in log["touchpoints.v1"] if not gone.has(r)],
        "pixel_events.v1": [r for r in log["pixel_events.v1"] if not gone.has(r)],
        "orders.v1": [stripped(r) if gone.order(r) in gone.orders else r for r in log["orders.v1"]],
        "commands.v1": [c for r in log["commands.v1"] for c in _command(r, until)],
    }
    left[ORDERS] = [
        {"tenant_id": tenant, "order": (source, order)} for tenant, source, order in gone.orders
    ]
    left[PURCHASES] = [r for r in log["pixel_events.v1"] if gone.has(r) and r["filtered"] is None]
    return left


def stripped(order: Json) -> Json:
    """What is left of a snapshot."""
    parts = {part: dict.fromkeys(order[part]) for part in _PARTS}
    return {
        **order, **dict.fromkeys(_NAMES), **parts, "erased": True,
        "user_data": {"hashed": {}, "sealed": None},
    }  # fmt: skip


def _erasures(log: Log) -> dict[str, int]:
    until: dict[str, int] = {}
    for record in log["commands.v1"]:
        if record["body"]["kind"] == "erase":
            at = record["body"]["erased_at"]
            for name in record["body"]["subjects"]:
                until[name] = max(at, until.get(name, at))
    return until


class _Gone:
    """Which events and orders are."""

    def __init__(self, log: Log, until: dict[str, int]) -> None:
        self._until = until
        self.spent: dict[tuple[str, str], int] = {}
        self.orders: set[tuple[str, str, str]] = set()
        hits = [*log["touchpoints.v1"], *self._effective(log["pixel_events.v1"])]
        for record in hits:
            if self._is_erased(record):
                key = record["tenant_id"], record["event_id"]
                at = record["occurred_at"]
                self.spent[key] = min(at, self.spent.get(key, at))
        for record in hits:
            if self._is_spent(record) and (order := self.order(record)) is not None:
                self.orders.add(order)
        for record in log["orders.v1"]:
            if is_real(record) and self._is_erased(record):
                self.orders.add(self.order(record))  # type: ignore[arg-type]

    def has(self, record: Json) -> bool:
        """Whether the touch or event goes."""
        if record.get("filtered") is not None:
            return False
        answers = record.get("source") == "survey" and record["survey"] and record["order_id"]
        if answers:
            source = record["order_source"] or "shopify"
            number = ids.order_number(record["order_id"])
            if (record["tenant_id"], source, number) in self.orders:
                return True
        return self._is_spent(record)

    def order(self, record: Json) -> tuple[str, str, str] | None:
        """The order that a record is."""
        if "gross" in record:
            return record["tenant_id"], record["source"], ids.order_number(record["order_id"])
        if record.get("event_name") != "Purchase" or record.get("source") == "survey":
            return None
        if not record["order_id"] or record["value"] is None or record["currency"] is None:
            return None
        source = record["order_source"] or "api"
        return record["tenant_id"], source, ids.order_number(record["order_id"])

    def _is_spent(self, record: Json) -> bool:
        at = self.spent.get((record["tenant_id"], record["event_id"]))
        return at is not None and bool(record["occurred_at"] >= at)

    def _is_erased(self, record: Json) -> bool:
        tenant, at = record["tenant_id"], record["received_at"]
        return any(at <= self._until.get(subject(tenant, n), -1) for n in nodes(record))

    @staticmethod
    def _effective(events: Iterable[Json]) -> list[Json]:
        return [event for event in events if event["filtered"] is None]


def _command(record: Json, until: dict[str, int]) -> list[Json]:
    """The command, without ids that were erased after it was given; nothing if none is left."""
    body, tenant = record["body"], record["tenant_id"]

    def stays(node: str) -> bool:
        return bool(until.get(subject(tenant, node), -1) < record["issued_at"])

    match body["kind"]:
        case "consent" | "suppress":
            named = [node for node in body["ids"] if stays(node)]
            return [{**record, "body": {**body, "ids": named}}] if named else []
        case "unlink":
            return [record] if stays(body["a"]) and stays(body["b"]) else []
    return [record]
