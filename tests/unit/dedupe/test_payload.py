"""What a platform is told."""

from dataclasses import replace

import pytest

from processors.dedupe.handle import ClaimKey, FoundOrder, Source, Subject, Wanted
from processors.dedupe.payload import delivery
from schemas.delivery import Delivery, DeliveryKind
from schemas.envelope import Browser, Content, Identifiers, UserData
from schemas.stitched_event import StitchedEvent
from tests.unit.dedupe.events import AT, GRANTED, TENANT, event, found, stitched

SHA = {name: name * 64 for name in "abc"}


def wanted(about: FoundOrder | StitchedEvent) -> Wanted:
    return Wanted(
        subject=Subject(place=0, source=Source("t", 0, 0), about=about),
        key=ClaimKey(TENANT, "meta", "id-1", "event"),
        consent=GRANTED,
    )


def test_a_purchase_has_the_order_whole_and_its_gross() -> None:
    own = found(
        refunded=2_000, line_items=(Content(sku="mug", quantity=2, price=2_500),), checkout_id="k1"
    )
    told = delivery(wanted(own), {})
    assert (told.event_name, told.event_id, told.platform) == ("Purchase", "id-1", "meta")
    assert (told.value, told.currency, told.order_id, told.checkout_id) == (
        5_000, "USD", "1001", "k1",
    )  # fmt: skip
    assert (told.occurred_at, told.consent, told.person_id) == (AT, GRANTED, "visitor:v1")
    assert told.contents[0].sku == "mug"
    assert Delivery.model_validate_json(told.model_dump_json()) == told


@pytest.mark.parametrize("kind", ["refund", "cancel", "adjust"])
def test_a_retraction_has_its_own_time_and_amount_and_its_purchase_s_time(
    kind: DeliveryKind,
) -> None:
    bought = wanted(found())
    key = bought.key._replace(kind=kind)
    told = delivery(replace(bought, key=key, amount=2_000, at=AT + 9), {})
    assert (told.kind, told.value) == (kind, 2_000)
    assert (told.occurred_at, told.converted_at) == (AT + 9, AT)
    assert Delivery.model_validate_json(told.model_dump_json()) == told
    assert delivery(bought, {}).converted_at is None


def test_the_pixel_fills_in_what_the_order_does_not_know() -> None:
    own = found(
        identifiers=Identifiers(customer_id="77"),
        browser=Browser(ip="203.0.113.9"),
        user_data=UserData(hashed={"em": SHA["a"]}),
    )
    first = event(
        event_name="Purchase",
        identifiers=Identifiers(fbp="fb.1.1.1", customer_id="88"),
        browser=Browser(ip="203.0.113.1", user_agent="Agent/1"),
        user_data=UserData(hashed={"em": SHA["b"], "ph": SHA["c"]}, sealed="s1"),
    )
    second = event(event_id="e2", visitor_id="v2", identifiers=Identifiers(fbp="fb.2", fbc="fc.2"))
    told = delivery(wanted(own), {own.key: [first, second]})
    assert told.identifiers == Identifiers(customer_id="77", fbp="fb.1.1.1", fbc="fc.2")
    assert told.browser == Browser(ip="203.0.113.9", user_agent="Agent/1")
    assert told.user_data == UserData(hashed={"em": SHA["a"], "ph": SHA["c"]}, sealed="s1")
    assert told.visitor_id == "v1"


def test_an_event_is_told_as_it_came() -> None:
    own = stitched(event_name="Quiz finished", value=100, currency="EUR", event_id="mine")
    told = delivery(wanted(own), {})
    assert (told.event_name, told.source_event_id, told.value, told.currency) == (
        "Quiz finished", "mine", 100, "EUR",
    )  # fmt: skip
    assert told.visitor_id == "v1"
    assert Delivery.model_validate_json(told.model_dump_json()) == told


def test_an_order_id_is_told_in_its_bare_form() -> None:
    told = delivery(wanted(stitched(order_id="gid://shopify/Order/123")), {})
    assert told.order_id == "123"
