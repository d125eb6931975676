"""The fields that touchpoints, events and orders share, read by one table.

A `Draft` is an item half way: `read` walks the item's own keys, looks each up in the table of
its route, and collects clean values. `finish` stamps what every record has.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from processors.domain.identifiers import is_junk
from processors.domain.ids import content_id
from processors.domain.times import corrected, is_late
from processors.domain.urls import MARKETING
from processors.gateway import fields
from processors.gateway.canonical import canonical, content_hash, nul_path
from processors.gateway.door import Door
from processors.gateway.people import Person
from processors.gateway.refusal import Refused
from processors.gateway.stamps import settle, shield

_BACKSLASH: Final = ord("\\")
_SMALL: Final = 2 * fields.MAX_DEPTH
"""Bytes of an item in which neither a key that is too long nor too deep a nesting has room."""

Reader = Callable[["Draft", Any, str], None]

BROWSER_LIMITS: Final = {
    "url": fields.MAX_LONG,
    "referrer": fields.MAX_LONG,
    "user_agent": fields.MAX_SHORT * 4,
    "ip": fields.MAX_NAME,
}


class Draft:
    """An item half way to its record."""

    __slots__ = (
        "browser", "door", "event_id", "hash", "item", "marketing", "occurred_at", "out",
        "person", "sent_at", "size",
    )  # fmt: skip

    def __init__(self, sent: Mapping[str, Any], item: Mapping[str, Any], door: Door) -> None:
        raw = canonical(sent)
        if len(raw) > door.max_bytes:
            raise Refused("", f"is larger than {door.max_bytes} bytes")
        if _BACKSLASH in raw and b"\\u0000" in raw and (path := nul_path(item)) is not None:
            raise Refused(path, "has a NUL character")
        tenant = sent.get("tenant_id")
        if tenant is not None and tenant != door.tenant:
            raise Refused("tenant_id", "is not the tenant of the key")
        self.size = len(raw)
        self.item = item
        self.door = door
        self.hash = content_hash(sent, raw)
        self.event_id: str | None = None
        self.occurred_at: int | None = None
        self.sent_at: int | None = None
        self.out: dict[str, Any] = {}
        self.marketing: dict[str, str] = {}
        self.browser: dict[str, str] = {}
        self.person = Person()

    def read(self, table: Mapping[str, Reader], *, decision: bool = False) -> None:
        """Take every field that the table knows; the rest is not ours. A decision is somebody's,
        even where the visitor wishes to be nobody."""
        get = table.get
        for name, value in self.item.items():
            if value is not None:
                reader = get(name)
                if reader is not None:
                    reader(self, value, name)
        if self.door.visit is not None:
            settle(self, self.door.visit, decision=decision)

    def identify(self, sent: Mapping[str, Any]) -> str:
        """The caller's event id, else the hash of the content: with the time of receipt when
        the item has no time of its own, so that two equal hits stay two."""
        if self.event_id is not None:
            return self.event_id
        if self.occurred_at is not None:
            return self.hash
        door = self.door
        stamp = [door.received_at, door.sequence, door.index]
        return content_id({"content": dict(sent), "received": stamp})

    def moment(self) -> tuple[int, bool]:
        """When it happened by our clock, and whether that is late."""
        received_at = self.door.received_at
        if self.occurred_at is None:
            return received_at, False
        at = corrected(self.occurred_at, sent_at=self.sent_at, received_at=received_at)
        fields.bounded(at, "occurred_at", received_at)
        return at, is_late(at, received_at)

    def parts(self) -> dict[str, Any]:
        """The record's shared parts, without the empty ones."""
        out, person, browser = self.out, self.person, self.browser
        if person.ids:
            out["identifiers"] = person.ids
        if self.marketing:
            out["marketing"] = self.marketing
        if not self.door.server:
            if self.door.user_agent and "user_agent" not in browser:
                browser["user_agent"] = self.door.user_agent
            if self.door.ip and "ip" not in browser:
                browser["ip"] = self.door.ip
        if self.door.visit is not None or "ip" in browser:
            shield(self)
        if browser:
            out["browser"] = browser
        if person.junk:
            out["junk_ids"] = person.junk
        return out


def _event_id(draft: Draft, value: Any, name: str) -> None:
    found = fields.ident(value, name)
    if found is not None:
        if is_junk(found):
            draft.person.junk += 1
        else:
            draft.event_id = found


def _occurred_at(draft: Draft, value: Any, name: str) -> None:
    if value != "":
        draft.occurred_at = fields.moment(value, name)


def _sent_at(draft: Draft, value: Any, name: str) -> None:
    if value != "":
        draft.sent_at = fields.moment(value, name)


def own_id(draft: Draft, value: Any, name: str) -> None:
    """An id at the top of the item: visitor, session, checkout."""
    found = fields.ident(value, name)
    if found is not None:
        if is_junk(found):
            draft.person.junk += 1
        else:
            draft.out[name] = found


def _identifiers(draft: Draft, value: Any, name: str) -> None:
    draft.person.identify(fields.mapping(value, name), name)


def user_data(draft: Draft, value: Any, name: str) -> None:
    """A person's details, to be hashed and sealed."""
    draft.person.describe(fields.mapping(value, name), name)


def _marketing(draft: Draft, value: Any, name: str) -> None:
    found = fields.text(value, name, fields.MAX_SHORT)
    if found is not None:
        draft.marketing[name] = found


def _browser(draft: Draft, value: Any, name: str) -> None:
    found = fields.text(value, name, BROWSER_LIMITS[name])
    if found is not None:
        draft.browser[name] = found


def _consent(draft: Draft, value: Any, name: str) -> None:
    flags = fields.consent(value, name)
    if flags is not None:
        draft.out["consent"] = flags


def short_text(draft: Draft, value: Any, name: str) -> None:
    """A name that a table's key may hold."""
    found = fields.text(value, name, fields.MAX_NAME)
    if found is not None:
        draft.out[name] = found


def properties(draft: Draft, value: Any, name: str) -> None:
    """What the caller wants kept."""
    found = fields.mapping(value, name)
    if found:
        if draft.size > _SMALL:
            fields.keys(found, name)
        draft.out[name] = found


SHARED: Final[dict[str, Reader]] = {
    "event_id": _event_id,
    "visitor_id": own_id,
    "session_id": own_id,
    "identifiers": _identifiers,
    "consent": _consent,
    **dict.fromkeys(MARKETING, _marketing),
    **dict.fromkeys(BROWSER_LIMITS, _browser),
}

TIMED: Final[dict[str, Reader]] = {
    **SHARED,
    "occurred_at": _occurred_at,
    "sent_at": _sent_at,
}
