"""A lead that somebody left in an ad's own form: an event, and the click that led to it.

The vendor tells ids alone; who it was is fetched with them later. The lead's id is the person's
`external_id` until then: whoever knows it (a CRM that asked the vendor) names it so, and the click
is the buyer's.
"""

from processors.domain.events import StandardEvent
from processors.gateway.door import Accepted, Door
from processors.gateway.hooks.table import Told
from processors.gateway.hooks.words import filled, moment, opaque, text
from processors.gateway.routes.events import pixel_event
from processors.gateway.routes.touchpoints import touchpoint

_LEAD = ("leadgen_id", "lead_id")
_TIMES = ("created_time", "create_time")


def event(told: Told, door: Door) -> Accepted | None:
    """The `Lead`; None without a lead's id."""
    said = told.said
    lead = text(said, *_LEAD)
    if lead is None:
        return None
    item = filled(
        event_id=opaque(f"{told.source} lead", lead),
        event_name=str(StandardEvent.LEAD),
        occurred_at=moment(said, *_TIMES),
        identifiers={"external_id": lead},
        properties=filled(
            vendor=told.source,
            lead_id=lead,
            form_id=text(said, "form_id"),
            page_id=text(said, "page_id"),
            ad_id=text(said, "ad_id"),
            ad_group_id=text(said, "adgroup_id"),
            campaign_id=text(said, "campaign_id"),
        ),
    )
    return pixel_event(said, item, door, source="webhook")


def click(told: Told, door: Door) -> Accepted | None:
    """The touch; None without a lead's id."""
    said = told.said
    lead = text(said, *_LEAD)
    if lead is None:
        return None
    item = filled(
        event_id=opaque(f"{told.source} lead", lead),
        occurred_at=moment(said, *_TIMES),
        identifiers={"external_id": lead},
        channel="paid_social",
        platform=told.source,
        ad_id=text(said, "ad_id"),
        campaign_id=text(said, "campaign_id"),
        ttclid=text(said, "ttclid"),
        fbclid=text(said, "fbclid"),
    )
    return touchpoint(item, door)
