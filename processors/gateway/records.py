"""From a finished record to the bytes on its topic: the last net for personal data, the key.

The time of receipt is the record's Kafka timestamp: counts per UTC day of receipt rely on it.
"""

from collections.abc import Callable
from typing import Any, Final

import orjson

from processors.engine.kafka import Raw
from processors.gateway import scrub
from processors.gateway.canonical import deepest
from processors.gateway.door import Accepted, Door
from processors.gateway.refusal import Refused
from schemas.joining import JOINING

_URLS: Final = ("url", "referrer")


def anchor_key(record: dict[str, Any]) -> str:
    """Key of a touchpoint or an event, equal to the catalogue's."""
    tenant = record["tenant_id"]
    visitor = record.get("visitor_id")
    if visitor:
        return f"{tenant}|visitor:{visitor}"
    ids = record.get("identifiers")
    if ids:
        for kind, name in JOINING:
            value = ids.get(name)
            if value:
                return f"{tenant}|{kind}:{value}"
    return f"{tenant}|event:{record['event_id']}"


def order_key(record: dict[str, Any]) -> str:
    """Key of an order, equal to the catalogue's."""
    return f"{record['tenant_id']}|{record['source']}/{record['order_id']}"


def clean(record: dict[str, Any]) -> dict[str, Any]:
    """Without personal values in URLs and properties."""
    browser = record.get("browser")
    if browser:
        for name in _URLS:
            if name in browser:
                browser[name] = scrub.url(browser[name])
    kept = record.get("properties")
    if kept:
        record["properties"] = scrub.properties(kept)
    return record


def accepted(topic: str, record: dict[str, Any], door: Door) -> Accepted:
    """The record, ready to be produced.

    Raises:
        Refused: when it cannot be put on its topic.
    """
    record = clean(record)
    value = _dumps(record)
    if scrub.suspect(value):
        sealed = record.get("user_data")
        record = scrub.anything(record)
        if sealed is not None:
            record["user_data"] = sealed
        value = _dumps(record)
    key = _KEYS[topic](record)
    event_id = record.get("event_id") or record.get("command_id") or ""
    raw = Raw(topic, key.encode(), value, door.received_at)
    return Accepted(door.index, event_id, raw, waiting=door.sealer.take())


def _dumps(record: dict[str, Any]) -> bytes:
    try:
        return orjson.dumps(record)
    except TypeError:
        raise Refused(deepest(record), "is nested too deeply") from None


_KEYS: Final[dict[str, Callable[[dict[str, Any]], str]]] = {
    "touchpoints.v1": anchor_key,
    "pixel_events.v1": anchor_key,
    "orders.v1": order_key,
    "commands.v1": lambda record: f"{record['tenant_id']}|{record['body']['kind']}",
    "spend.v1": lambda record: f"{record['tenant_id']}|{record['platform']}",
}
