"""Which ids join two people, in one table: a kind of node of the identity graph and its field.

Strongest first. The visitor joins too and stands apart, since it is a field of the record itself:
as the anchor of an event it comes first, as a sign of who somebody is it comes last. Everything
else in `Identifiers` rides along and joins nobody.
"""

from typing import Final, Protocol

from schemas.envelope import Identifiers

JOINING: Final = (
    ("customer", "customer_id"),
    ("email", "email_sha256"),
    ("phone", "phone_sha256"),
    ("external", "external_id"),
    ("device", "device_id"),
)
VISITOR: Final = "visitor"
STRENGTH: Final = (*(kind for kind, _ in JOINING), VISITOR)
"""Kinds by how much they say of who somebody is."""


class Carrier(Protocol):
    """A record that names somebody."""

    @property
    def visitor_id(self) -> str | None:
        """The browser's id."""

    @property
    def identifiers(self) -> Identifiers:
        """The other ids."""


def joining_nodes(record: Carrier) -> list[str]:
    """The joining ids of a record as nodes, `kind:value`: the visitor, then strongest first."""
    visitor, ids = record.visitor_id, record.identifiers
    found = [f"{VISITOR}:{visitor}"] if visitor else []
    if ids.model_fields_set:
        found += [f"{kind}:{value}" for kind, name in JOINING if (value := getattr(ids, name))]
    return found
