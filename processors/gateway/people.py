"""Who an item is about: ids cleaned of junk, personal details turned into hashes and sealed.

Clear values live in `Person.clear` until the record is built, and nowhere after.
"""

from collections.abc import Mapping
from typing import Any, Final

from processors.domain import normalise
from processors.domain.hashing import email_hash, is_sha256, phone_hash
from processors.domain.identifiers import is_junk
from processors.gateway import fields, scrub
from processors.gateway.door import Door
from processors.gateway.refusal import Refused

PLAIN_IDS: Final = frozenset(
    {
        "customer_id", "external_id", "device_id", "ga4_client_id", "ga4_session_id", "fbp", "fbc",
        "ttp", "scid", "epik",
    }
)  # fmt: skip
OWNERS: Final = (
    ("email", "email_sha256"), ("phone", "phone_sha256"), ("external", "external_id"),
    ("customer", "customer_id"), ("device", "device_id"), ("visitor", "visitor_id"),
)  # fmt: skip
"""Kinds of ids by how much of what is sealed they are."""
DETAILS: Final[dict[str, str]] = {
    "email": "email",
    "em": "email",
    "phone": "phone",
    "phone_number": "phone",
    "ph": "phone",
    "first_name": "first_name",
    "fn": "first_name",
    "last_name": "last_name",
    "ln": "last_name",
    "city": "city",
    "ct": "city",
    "state": "state",
    "st": "state",
    "zip": "zip",
    "zp": "zip",
    "postal_code": "zip",
    "country": "country",
    "external_id": "external_id",
}
"""Names of personal details, as vendors spell them, to the one that we use."""


class Person:
    """The ids of an item and the clear details behind them."""

    __slots__ = ("clear", "hashed", "ids", "junk")

    def __init__(self) -> None:
        self.ids: dict[str, str] = {}
        self.clear: dict[str, str] = {}
        self.hashed: dict[str, str] = {}
        self.junk = 0

    def clean(self, value: str | None) -> str | None:
        """The id, unless it is junk, which is counted."""
        if value is None:
            return None
        if is_junk(value):
            self.junk += 1
            return None
        return value

    def identify(self, said: Mapping[str, Any], where: str) -> None:
        """Take the ids of an `identifiers` object."""
        for name, value in said.items():
            if value is None:
                continue
            if name in PLAIN_IDS:
                found = self.clean(fields.ident(value, f"{where}.{name}"))
                if found is not None:
                    self.ids[name] = found
                    if name == "external_id":
                        self.clear.setdefault(name, found)
            elif name in ("email", "phone"):
                self.detail(name, value, f"{where}.{name}")
            elif name in ("email_sha256", "phone_sha256"):
                self._digest(name, value, f"{where}.{name}")

    def describe(self, said: Mapping[str, Any], where: str) -> None:
        """Take the details of a `user_data` object; a list counts by its first entry."""
        for name, value in said.items():
            key = DETAILS.get(name)
            if key is None:
                continue
            first = value[0] if type(value) is list and value else value
            if first is not None and type(first) is not list:
                self.detail(key, first, f"{where}.{name}")

    def detail(self, key: str, value: Any, where: str) -> None:
        """One clear detail, or its hash. Of two for one person the first counts."""
        found = fields.ident(value, where, fields.MAX_SHORT)
        if found is None or key in self.clear:
            return
        if key == "email":
            self._email(found)
        elif key == "phone":
            self._phone(found)
        elif key == "external_id":
            kept = self.clean(fields.ident(value, where))
            if kept is not None:
                self.ids.setdefault(key, kept)
                self.clear[key] = kept
        elif not is_junk(found):
            self.clear[key] = found

    def _email(self, raw: str) -> None:
        if is_sha256(raw):
            self._join("email_sha256", raw.lower())
            return
        normal = None if is_junk(raw) else normalise.email(raw)
        if normal is None:
            self.junk += 1
            return
        self.clear["email"] = raw
        self.ids["email_sha256"] = email_hash(normal)

    def _phone(self, raw: str) -> None:
        if is_sha256(raw):
            self._join("phone_sha256", raw.lower())
            return
        digits = None if is_junk(raw) else normalise.phone_digits(raw)
        if digits is None:
            self.junk += 1
            return
        self.clear["phone"] = raw
        self.ids["phone_sha256"] = phone_hash(raw)

    def _digest(self, name: str, value: Any, where: str) -> None:
        found = self.clean(fields.text(value, where, fields.MAX_ID))
        if found is None:
            return
        if not is_sha256(found):
            raise Refused(where, "is not a SHA-256 in 64 hex digits")
        self._join(name, found.lower())

    def _join(self, name: str, digest: str) -> None:
        """A hash from outside; one that we made of a clear value wins."""
        if is_junk(digest):
            self.junk += 1
            return
        self.ids.setdefault(name, digest)
        self.hashed["em" if name == "email_sha256" else "ph"] = digest

    def user_data(self, door: Door, visitor: str | None = None) -> dict[str, Any] | None:
        """Every hash form, and the clear values sealed under the key of the id that they are most
        about: whoever has that id erased has them, too."""
        if not self.clear:
            return {"hashed": self.hashed} if self.hashed else None
        hashed = {**self.hashed, **normalise.hashed_user_data(self.clear)}
        clear = {name: value for name, value in self.clear.items() if not is_sha256(value)}
        if not clear:
            return {"hashed": hashed}
        ids = {**self.ids, "visitor_id": visitor}
        found = [f"{kind}:{value}" for kind, name in OWNERS if (value := ids.get(name))]
        nodes = [scrub.text(node) for node in found[:1]]
        return {"hashed": hashed, "sealed": door.sealer.seal(door.tenant, clear, nodes)}
