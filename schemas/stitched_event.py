"""`stitched_events.v1`: a pixel event with the person and consent known when it was stitched."""

from pydantic import Field

from schemas.envelope import Consent, Record
from schemas.pixel_event import PixelEvent


class StitchedEvent(Record):
    """The event as it came, and what identity knows of its sender."""

    person_id: str | None = None
    consent: Consent
    again: bool = Field(False, description="routed before; consent may allow it now")
    event: PixelEvent
