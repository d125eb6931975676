"""What a batch of source records says: facts, each once, and an outcome for every record."""

import itertools

from processors.domain.ids import conversion_id, touchpoint_id
from processors.engine.outcome import APPLIED, DUPLICATE, Dead, Drop
from processors.identity.handle import Facts, gather
from schemas.command import SetConsent
from schemas.envelope import Consent, Frozen
from tests.unit.identity.builders import (
    NOON,
    TENANT,
    batch,
    command,
    event,
    order,
    touchpoint,
)

CAME = {"utm_source": "google", "utm_medium": "cpc"}


def said(*records: Frozen | Dead) -> Facts:
    return gather(batch(*records))


def test_every_two_ids_of_a_record_are_an_edge() -> None:
    facts = said(touchpoint(visitor_id="v", identifiers={"customer_id": "c", "device_id": "d"}))
    assert facts.edges.keys() == {
        (TENANT, "customer:c", "device:d"),
        (TENANT, "customer:c", "visitor:v"),
        (TENANT, "device:d", "visitor:v"),
    }
    assert facts.nodes == {(TENANT, n) for n in ("customer:c", "device:d", "visitor:v")}


def test_ids_join_even_when_the_content_of_their_record_does_not_stand() -> None:
    facts = said(
        touchpoint(visitor_id="v1", content_hash="a"),
        touchpoint(visitor_id="v2", content_hash="b", identifiers={"customer_id": "c"}),
    )
    assert facts.outcomes == [APPLIED, DUPLICATE]
    assert (TENANT, "customer:c", "visitor:v2") in facts.edges
    assert facts.anchors.keys() == {(TENANT, "visitor:v1"), (TENANT, "visitor:v2")}


def test_of_two_contents_for_one_touch_the_smaller_stands_in_any_order() -> None:
    early = touchpoint(occurred_at=NOON - 1, visitor_id="z", content_hash="z")
    small_anchor = touchpoint(visitor_id="a", content_hash="z")
    small_hash = touchpoint(visitor_id="b", content_hash="a")
    for arrived in itertools.permutations([early, small_anchor, small_hash]):
        (row,) = said(*arrived).touches.values()
        assert row.anchor == "visitor:z"
        (row,) = said(*(r for r in arrived if r is not early)).touches.values()
        assert row.anchor == "visitor:a"


def test_an_anchor_is_looked_at_from_its_earliest_touch_on() -> None:
    facts = said(
        touchpoint("t-1", visitor_id="v", occurred_at=NOON),
        touchpoint("t-2", visitor_id="v", occurred_at=NOON - 7),
        touchpoint("t-3", visitor_id="v", occurred_at=NOON + 7),
    )
    assert facts.anchors == {(TENANT, "visitor:v"): NOON - 7}


def test_a_page_view_with_marketing_is_an_event_and_a_touch() -> None:
    facts = said(event(visitor_id="v", marketing=CAME), event("AddToCart", "e-2", visitor_id="v"))
    assert facts.touches.keys() == {(TENANT, touchpoint_id(TENANT, "e-1"))}
    assert facts.events.keys() == {(TENANT, "e-1"), (TENANT, "e-2")}
    assert [one.event_id for one in facts.stitch] == ["e-1", "e-2"]
    assert facts.outcomes == [APPLIED, APPLIED]


def test_a_touch_and_a_page_view_of_one_id_are_one_touch_and_two_applied_records() -> None:
    posted = touchpoint("same", visitor_id="v", content_hash="b")
    seen = event(event_id="same", visitor_id="v", content_hash="a", marketing=CAME)
    for arrived in ([posted, seen], [seen, posted]):
        facts = said(*arrived)
        (row,) = facts.touches.values()
        assert row.content_hash == "a"
        assert facts.outcomes[arrived.index(posted)] == DUPLICATE
        assert facts.outcomes[arrived.index(seen)] == APPLIED


def test_an_identify_call_joins_ids_and_is_no_touch_and_goes_nowhere() -> None:
    facts = said(
        event("identify", visitor_id="v", source="identify", identifiers={"customer_id": "c"})
    )
    assert facts.edges.keys() == {(TENANT, "customer:c", "visitor:v")}
    assert facts.events
    assert not facts.touches
    assert not facts.stitch


def test_what_a_platform_tells_by_webhook_joins_ids_and_is_told_to_no_platform() -> None:
    told = {"phone_sha256": "a" * 64, "external_id": "whatsapp:US.1"}
    facts = said(event("WhatsAppMessage", source="webhook", identifiers=told))
    assert facts.edges.keys() == {(TENANT, "external:whatsapp:US.1", f"phone:{'a' * 64}")}
    assert facts.events
    assert not facts.stitch


def test_an_event_without_an_id_belongs_to_nobody_but_is_kept() -> None:
    facts = said(touchpoint("alone"))
    assert not facts.nodes
    assert facts.anchors == {(TENANT, "event:alone"): NOON}


def test_a_test_order_and_an_unknown_webhook_leave_no_trace() -> None:
    facts = said(
        order(test=True, gross=5, visitor_id="v", identifiers={"customer_id": "c"}),
        order(unknown_topic="app/uninstalled", visitor_id="v"),
    )
    assert facts.outcomes == [Drop("test_order"), Drop("unknown_topic")]
    empty = Facts(outcomes=facts.outcomes)
    assert facts == empty


def test_an_event_that_its_key_may_send_in_vain_leaves_no_trace() -> None:
    facts = said(
        event(
            filtered="event_denied",
            visitor_id="v",
            order_id="1",
            session_start=True,
            identifiers={"customer_id": "c"},
        ),
        event(visitor_id="v"),
    )
    assert facts.outcomes == [Drop("event_denied"), APPLIED]
    assert facts.nodes == {(TENANT, "visitor:v")}
    assert not facts.touches
    assert not facts.edges
    assert not facts.orders


def test_the_same_snapshot_twice_is_one_version_of_its_first_time() -> None:
    facts = said(order(received_at=NOON + 9), order(received_at=NOON + 3), order("other"))
    assert facts.outcomes == [APPLIED, DUPLICATE, APPLIED]
    mine = conversion_id(TENANT, "api", "1001")
    assert facts.versions[TENANT, mine, "h"].version_at == NOON + 3
    assert facts.orders == {(TENANT, mine)}


def test_a_version_is_of_the_time_that_the_shop_says() -> None:
    facts = said(order(updated_at=NOON - 50))
    assert [row.version_at for row in facts.versions.values()] == [NOON - 50]
    assert [row.version_at for row in said(order(updated_at=0)).versions.values()] == [0]


def test_of_two_amounts_for_one_refund_the_greater_stands() -> None:
    mine = conversion_id(TENANT, "api", "1001")
    first = order("a", refunds=[{"refund_id": "r", "amount": 7}])
    second = order("b", refunds=[{"refund_id": "r", "amount": 5}, {"refund_id": "s", "amount": 1}])
    for arrived in ([first, second], [second, first]):
        assert said(*arrived).refunds == {(TENANT, mine, "r"): 7, (TENANT, mine, "s"): 1}


def test_an_order_carries_its_ids_to_its_conversion_under_either_form_of_its_number() -> None:
    facts = said(
        order("a", source="shopify", order_id="5001", visitor_id="v"),
        order("b", source="shopify", order_id="gid://shopify/Order/5001", visitor_id="w"),
    )
    mine = conversion_id(TENANT, "shopify", "5001")
    assert facts.carried == {(TENANT, "visitor:v", mine), (TENANT, "visitor:w", mine)}


def test_the_pixels_purchase_is_a_version_of_the_order_and_still_an_event() -> None:
    bought = event("Purchase", visitor_id="v", order_id="1001", value=5, currency="USD")
    facts = said(bought)
    (row,) = facts.versions.values()
    assert row.conversion_id == conversion_id(TENANT, "api", "1001")
    assert row.content_hash == "pixel-h"
    assert facts.carried == {(TENANT, "visitor:v", row.conversion_id)}
    assert facts.stitch == [bought]
    assert facts.outcomes == [APPLIED]
    for missing in ("order_id", "value", "currency"):
        assert not said(bought.model_copy(update={missing: None})).versions


def test_what_could_not_be_decoded_keeps_its_reason_and_its_place() -> None:
    bad = Dead("undecodable", "not JSON")
    facts = said(touchpoint("t-1"), bad, touchpoint("t-2"))
    assert facts.outcomes == [APPLIED, bad, APPLIED]


def test_a_consent_that_stands_for_one_of_its_ids_is_applied() -> None:
    denied = Consent(ad_storage="denied")
    both = command(SetConsent(ids=("visitor:v", "customer:c"), consent=denied), command_id="1")
    one = command(SetConsent(ids=("visitor:v",), consent=denied), command_id="2")
    assert said(both, one).outcomes == [APPLIED, APPLIED]
    assert said(one, both).outcomes == [APPLIED, APPLIED]
    assert said(both, one, one).outcomes == [APPLIED, APPLIED, DUPLICATE]
