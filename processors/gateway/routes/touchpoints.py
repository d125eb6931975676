"""`POST /v1/touchpoints`: visits and ad views."""

from collections.abc import Mapping
from typing import Any, Final

from processors.gateway.door import Accepted, Door
from processors.gateway.draft import TIMED, Draft, Reader, properties, short_text
from processors.gateway.records import accepted
from processors.gateway.refusal import Refused
from processors.gateway.registry import handler
from processors.gateway.stamps import describe


def _type(draft: Draft, value: Any, name: str) -> None:
    if value not in ("click", "view"):
        raise Refused(name, "must be click or view")
    draft.out[name] = value


_TABLE: Final[dict[str, Reader]] = {
    **TIMED,
    "type": _type,
    "channel": short_text,
    "platform": short_text,
    "campaign_id": short_text,
    "ad_id": short_text,
    "properties": properties,
}


@handler("/v1/touchpoints")
def touchpoint(item: dict[str, Any], door: Door) -> Accepted:
    """Take visits and ad views."""
    return touch(item, item, door)


def touch(sent: Mapping[str, Any], item: Mapping[str, Any], door: Door) -> Accepted:
    """A record of the neutral `item`; ids are hashes of what was `sent`."""
    draft = Draft(sent, item, door)
    draft.read(_TABLE)
    if not draft.person.ids and "visitor_id" not in draft.out:
        raise Refused("visitor_id", "or an id in identifiers is needed")
    occurred_at, late = draft.moment()
    record = draft.parts()
    record["tenant_id"] = door.tenant
    record["event_id"] = draft.identify(sent)
    record["content_hash"] = draft.hash
    record["occurred_at"] = occurred_at
    record["received_at"] = door.received_at
    if late:
        record["late"] = True
    describe(draft, record)
    return accepted("touchpoints.v1", record, door)
