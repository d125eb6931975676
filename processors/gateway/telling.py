"""What the log says of requests that were taken, for a deployment that wants a line for each.

Off unless `ATTRIBUTARY_GATEWAY_LOG_EVENTS` is set: at full load the lines would cost more than the
requests. Counts and tenants are told, never anything of an event.
"""

import logging
from typing import Final

from processors.gateway.door import Outcome

log = logging.getLogger(__name__)

_BY_ROUTE: Final = {
    "/api/v1/capi/events/stream": "Event streamed",
    "/api/v1/capi/events/batch": "Batch processed",
}
_PIXEL: Final = "pixel_events.v1"


def tell(route: str, outcome: Outcome, tenant: str) -> None:
    """One line of a request of which something was taken."""
    if not outcome.accepted:
        return
    line = _BY_ROUTE.get(route)
    if line is None and any(row.raw.topic == _PIXEL for row in outcome.accepted):
        line = "Pixel event recorded"
    if line is not None:
        counts = {"events": len(outcome.accepted), "refused": len(outcome.rejected)}
        log.info(line, extra={"tenant": tenant, "route": route, **counts})
