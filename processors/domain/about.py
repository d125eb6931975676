"""What a record is about, as records of other topics name it too: a conversion, an event, or both.

It ties what a batch emits to what the batch was given, for traces alone: nothing that is served
depends on it.
"""

from processors.domain.events import StandardEvent
from processors.domain.ids import conversion_id
from schemas.conversion import ConversionPointer
from schemas.credit import Credits
from schemas.delivery import Delivery
from schemas.envelope import Frozen
from schemas.order import Order
from schemas.pixel_event import PixelEvent
from schemas.stitched_event import StitchedEvent

Names = tuple[str, ...]


def about(record: Frozen) -> Names:
    """The names of its conversion and its event; none of what is about neither, as a touch."""
    match record:
        case ConversionPointer() | Credits():
            return (record.conversion_id,)
        case Order():
            return (conversion_id(record.tenant_id, record.source, record.order_id),)
        case PixelEvent():
            return _of_event(record)
        case StitchedEvent():
            return (_event(record.tenant_id, record.event.event_id),)
        case Delivery():
            return _of_delivery(record)
        case _:
            return ()


def _of_event(record: PixelEvent) -> Names:
    name = _event(record.tenant_id, record.event_id)
    if record.event_name != StandardEvent.PURCHASE or record.order_id is None:
        return (name,)
    source = record.order_source or "api"
    return name, conversion_id(record.tenant_id, source, record.order_id)


def _of_delivery(record: Delivery) -> Names:
    names: Names = ()
    if record.order_id is not None:
        source = record.source or "api"
        names = (conversion_id(record.tenant_id, source, record.order_id),)
    if record.source_event_id is not None:
        names += (_event(record.tenant_id, record.source_event_id),)
    return names


def _event(tenant: str, event_id: str) -> str:
    return f"{len(tenant)}:{tenant}:{event_id}"
