"""Events that must be routed once more: somebody decided about consent, or was suppressed or
released, or was joined to or parted from somebody who was, or the tenant said what silence means
or what becomes of robots.

An event that consent held back is claimed by nobody, so when it comes again and is allowed, it goes
out; one that went out is a duplicate. As every change is followed by such a look, no allowed event
stays behind, and a replay of the log, which shows everything to dedupe again, finds nothing that
the first pass had not sent. The look comes after the change is committed, and the event after it
on its own key, so dedupe decides by the change.
"""

import logging
from collections.abc import Iterable
from typing import Final

from processors.engine.postgres import Connection
from processors.identity.handle import Facts, Node
from processors.identity.store import QUERIES, columns
from schemas.pixel_event import PixelEvent

log = logging.getLogger(__name__)

DEFAULTS: Final = frozenset({"consent_when_absent", "bot_policy"})
MOST: Final = 10_000
"""More events of the people of one batch than any platform would still accept."""


async def events_again(
    conn: Connection, facts: Facts, changed: Iterable[Node]
) -> dict[Node, PixelEvent]:
    """By (tenant, event id), in order of time: the events of everybody whom the changed ids
    reach, where any of them has decided about consent, and of tenants whose defaults were set; the
    newest `MOST` of each."""
    nodes = sorted((tenant, name) for tenant, name in changed if name != "*")
    tenants = sorted({tenant for tenant, key in facts.commands.settings if key in DEFAULTS})
    rows = await conn.fetch(QUERIES["events_again"], *columns(nodes, 2), MOST) if nodes else []
    if tenants:
        rows += await conn.fetch(QUERIES["all_events_again"], tenants, MOST)
    if len(rows) >= MOST:
        log.warning("older events are not routed again", extra={"events": MOST})
    found = [PixelEvent.model_validate_json(row["event"]) for row in reversed(rows)]
    return {(event.tenant_id, event.event_id): event for event in found}
