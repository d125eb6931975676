"""The joining ids of a record as nodes, and the node that a touch hangs on."""

from tests.oracle.words import Json

KINDS = (
    ("customer", "customer_id"),
    ("email", "email_sha256"),
    ("phone", "phone_sha256"),
    ("external", "external_id"),
    ("device", "device_id"),
)
PRECEDENCE = [*(kind for kind, _ in KINDS), "visitor"]


def nodes(record: Json) -> list[str]:
    """Every joining id of a touch, pixel event or order, strongest kind first."""
    found = [
        f"{kind}:{record['identifiers'][field]}"
        for kind, field in KINDS
        if record["identifiers"][field]
    ]
    if record["visitor_id"]:
        found.append(f"visitor:{record['visitor_id']}")
    return found


def anchor(record: Json) -> str:
    """The visitor, else the strongest joining id, else the event by itself."""
    if record["visitor_id"]:
        return f"visitor:{record['visitor_id']}"
    return next(iter(nodes(record)), f"event:{record['event_id']}")


def strength(node: str) -> tuple[int, str]:
    """Sorts nodes by kind, then by value."""
    kind, _, value = node.partition(":")
    return PRECEDENCE.index(kind), value
