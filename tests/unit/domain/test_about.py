"""A record and what comes of it have a name in common; records of others have none."""

import pytest

from processors.domain.about import about
from schemas.conversion import ConversionPointer
from schemas.delivery import Delivery
from schemas.envelope import Consent
from schemas.order import Order
from schemas.pixel_event import PixelEvent
from schemas.stitched_event import StitchedEvent
from tests.support.examples import Example, examples


@pytest.mark.parametrize("example", examples("pixel_events.v1"), ids=str)
def test_a_pixel_event_is_found_again_in_what_is_stitched_and_delivered(example: Example) -> None:
    event = example.record
    assert isinstance(event, PixelEvent)
    stitched = StitchedEvent(tenant_id=event.tenant_id, consent=Consent(), event=event)
    told = Delivery(
        tenant_id=event.tenant_id, platform="meta", event_id="x", event_name=event.event_name,
        occurred_at=event.occurred_at, source_event_id=event.event_id,
    )  # fmt: skip
    assert set(about(event)) & set(about(stitched)) & set(about(told))
    foreign = told.model_copy(update={"tenant_id": "somebody-else"})
    assert not set(about(event)) & set(about(foreign))


@pytest.mark.parametrize("example", examples("orders.v1"), ids=str)
def test_an_order_is_found_again_in_its_pointer_and_its_delivery(example: Example) -> None:
    order = example.record
    assert isinstance(order, Order)
    (conversion,) = about(order)
    pointer = ConversionPointer(tenant_id=order.tenant_id, conversion_id=conversion, rev=1)
    told = Delivery(
        tenant_id=order.tenant_id, platform="meta", event_id="x", event_name="purchase",
        occurred_at=1, source=order.source, order_id=order.order_id,
    )  # fmt: skip
    assert about(pointer) == about(told) == (conversion,)


@pytest.mark.parametrize("example", examples("touchpoints.v1", "commands.v1"), ids=str)
def test_touches_and_commands_are_about_no_one_conversion(example: Example) -> None:
    assert about(example.record) == ()
