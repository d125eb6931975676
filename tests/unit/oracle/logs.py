"""Builders of small logs, whose numbers a reader can work out by hand."""

import hashlib
import json
from typing import Any

from schemas.command import Command
from schemas.envelope import Browser, Frozen, Identifiers, Marketing
from schemas.order import Order
from schemas.pixel_event import PixelEvent
from schemas.touchpoint import Touchpoint
from tests.oracle.compute import served
from tests.oracle.log import log_of
from tests.oracle.tables import COLUMNS, Served

DAY = 86_400_000
NOON = 1_772_366_400_000
"""2026-03-01T12:00:00Z."""

Entry = tuple[str, Frozen]
_MARKETING = frozenset(Marketing.model_fields)
_IDS = frozenset(Identifiers.model_fields)


def touch(event_id: str, *, ago: int = 0, **said: Any) -> Entry:
    """A click of visitor v, `ago` milliseconds before noon."""
    return "touchpoints.v1", Touchpoint(**_filled(said, event_id=event_id, occurred_at=NOON - ago))


def pixel(event_id: str, event_name: str, *, ago: int = 0, **said: Any) -> Entry:
    """An event of visitor v."""
    said = {"source": "events", "event_name": event_name, **said}
    return "pixel_events.v1", PixelEvent(**_filled(said, event_id=event_id, occurred_at=NOON - ago))


def order(order_id: str = "1", **said: Any) -> Entry:
    """A snapshot of visitor v's order, placed at noon for 100.00 USD unless told otherwise."""
    usual = {"source": "api", "ordered_at": NOON, "gross": 10_000, "currency": "USD"}
    return "orders.v1", Order(
        **_filled({**usual, **said}, event_id=f"o-{order_id}", order_id=order_id)
    )


def command(command_id: str, *, issued_at: int = 0, **body: Any) -> Entry:
    """A command; of two the greater (issued_at, command_id) stands."""
    return "commands.v1", Command.model_validate(
        {
            "tenant_id": "acme", "command_id": command_id, "issued_at": issued_at,
            "received_at": NOON, "body": body,
        }
    )  # fmt: skip


def setting(key: str, value: str) -> Entry:
    return command(f"set-{key}", kind="setting", key=key, value=value)


def tables(*entries: Entry, connections: tuple[str, ...] = (), since: int = 0) -> Served:
    """What the oracle makes of the log, with these platforms connected since then."""
    return served(log_of(entries), connections={("acme", name): since for name in connections})


def rows(found: Served, table: str, **where: Any) -> list[dict[str, Any]]:
    """The rows of a table that have these values, as dicts."""
    named = [dict(zip(COLUMNS[table], row, strict=True)) for row in found[table]]
    return [row for row in named if all(row[name] == value for name, value in where.items())]


def _filled(said: dict[str, Any], **given: Any) -> dict[str, Any]:
    """With marketing and ids in their places, and a content hash."""
    fields: dict[str, Any] = {"tenant_id": "acme", "visitor_id": "v", **given}
    fields["marketing"] = Marketing(**{k: v for k, v in said.items() if k in _MARKETING})
    fields["identifiers"] = Identifiers(**{k: v for k, v in said.items() if k in _IDS})
    fields["browser"] = Browser(**{k: v for k, v in said.items() if k in ("url", "referrer")})
    fields |= {k: v for k, v in said.items() if k not in _MARKETING | _IDS | {"url", "referrer"}}
    stamped = {"received_at": fields.pop("received_at", NOON)}
    text = json.dumps(fields, default=repr, sort_keys=True)
    return {"content_hash": hashlib.md5(text.encode()).hexdigest(), **fields, **stamped}
