"""`POST /v1/consent`: a person's decision, as a command of the log."""

from typing import Any, Final

from processors.gateway import fields
from processors.gateway.door import Accepted, Door
from processors.gateway.draft import TIMED, Draft, Reader
from processors.gateway.records import accepted
from processors.gateway.refusal import Refused
from processors.gateway.registry import handler
from schemas.joining import JOINING

_TABLE: Final[dict[str, Reader]] = {
    name: TIMED[name]
    for name in ("event_id", "visitor_id", "identifiers", "consent", "occurred_at", "sent_at")
}


@handler("/v1/consent")
def consent(item: dict[str, Any], door: Door) -> Accepted:
    """Take a person's consent, given or withdrawn."""
    fields.required(item, "consent")
    draft = Draft(item, item, door)
    draft.read(_TABLE, decision=True)
    flags = draft.out.get("consent")
    if flags is None:
        raise Refused("consent", "has no flag")
    ids = [f"{kind}:{draft.person.ids[name]}" for kind, name in JOINING if name in draft.person.ids]
    if "visitor_id" in draft.out:
        ids.insert(0, f"visitor:{draft.out['visitor_id']}")
    if not ids:
        raise Refused("visitor_id", "or a joining id in identifiers is needed")
    issued_at, _ = draft.moment()
    record = {
        "tenant_id": door.tenant,
        "command_id": draft.identify(item),
        "issued_at": issued_at,
        "received_at": door.received_at,
        "body": {"kind": "consent", "ids": ids, "consent": flags},
    }
    return accepted("commands.v1", record, door)
