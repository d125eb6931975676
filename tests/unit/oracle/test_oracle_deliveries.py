"""Which event ids must and may be at a platform, and under which name."""

import hashlib

from tests.oracle.tables import Served
from tests.unit.oracle.logs import DAY, NOON, Entry, command, order, pixel, setting, tables, touch

DENIED = {"ad_storage": "denied", "ad_user_data": "denied"}


def short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def must(found: Served) -> set[str]:
    return {event_id for _, _, event_id in found["deliveries"]}


def may(found: Served) -> set[str]:
    return {event_id for _, _, event_id in found.deliveries_may}


def test_a_purchase_goes_to_every_connection_under_the_published_id() -> None:
    found = tables(order("gid://shopify/Order/5", source="shopify"), connections=("meta", "ga4"))
    assert must(found) == may(found) == {short("acme:5:meta"), short("acme:5:ga4")}


def test_another_shops_order_id_carries_its_source() -> None:
    assert must(tables(order("5", source="woo"), connections=("meta",))) == {
        short("acme:woo/5:meta")
    }


def test_a_chat_must_hear_of_an_order_whose_buyer_came_by_its_ad_within_a_week() -> None:
    def heard(*log: Entry) -> tuple[set[str], set[str]]:
        found = tables(*log, connections=("whatsapp",))
        return must(found), may(found)

    told = {short("acme:1:whatsapp")}
    assert heard(order()) == (set(), set())
    assert heard(order(), touch("t", ago=7 * DAY, ctwa_clid="c")) == (told, told)
    assert heard(order(), touch("t", ago=8 * DAY, ctwa_clid="c")) == (set(), told)
    assert heard(order(), touch("t", ago=DAY)) == (set(), set())
    assert heard(order(ctwa_clid="c")) == (told, told)
    assert heard(order(), touch("t", ago=DAY, ctwa_clid="c", visitor_id="w")) == (set(), set())


def test_a_chat_must_hear_of_an_event_with_a_click_and_may_of_one_whose_sender_had_one() -> None:
    found = tables(
        touch("t", ago=DAY, ctwa_clid="c"),
        pixel("own", "Lead", ctwa_clid="c"),
        pixel("person", "Lead"),
        pixel("page", "PageView", ctwa_clid="c"),
        pixel("nobody", "Lead", visitor_id="w"),
        connections=("whatsapp",),
    )
    assert (must(found), may(found)) == ({"own"}, {"own", "person"})


def test_a_platform_must_hear_of_what_was_received_since_it_was_connected_and_may_of_the_rest() -> (
    None
):
    found = tables(
        order("old", received_at=NOON - 1),
        order("again", received_at=NOON - 1),
        order("again", status="cancelled", received_at=NOON),
        pixel("before", "Lead", received_at=NOON - 1),
        pixel("since", "Lead", received_at=NOON),
        connections=("meta",),
        since=NOON,
    )
    told = {short("acme:again:meta"), "since"}
    assert must(found) == told
    assert may(found) == told | {short("acme:old:meta"), "before"}


def test_an_unpaid_order_is_told_to_nobody() -> None:
    found = tables(order(status="pending"), order("2", gross=None), connections=("meta",))
    assert may(found) == set()


def test_a_cancelled_order_that_was_paid_is_still_delivered() -> None:
    paid, cancelled = order(updated_at=1), order(updated_at=2, status="cancelled")
    assert must(tables(paid, cancelled, connections=("meta",))) == {short("acme:1:meta")}


def test_denied_consent_forbids_where_the_flag_is_needed() -> None:
    found = tables(order(consent=DENIED), connections=("meta", "ga4"))
    assert must(found) == may(found) == {short("acme:1:ga4")}


def test_what_consent_allowed_for_a_time_is_neither_demanded_nor_forbidden() -> None:
    revoked = command("k", kind="consent", ids=["visitor:v"], consent=DENIED)
    found = tables(order(), revoked, connections=("meta",))
    assert (must(found), may(found)) == (set(), {short("acme:1:meta")})
    silent = tables(order(), setting("consent_when_absent", "denied"), connections=("meta",))
    assert (must(silent), may(silent)) == (set(), {short("acme:1:meta")})


def test_other_events_are_named_by_checkout_or_by_the_caller() -> None:
    found = tables(
        pixel("a", "AddToCart"),
        pixel("b", "InitiateCheckout", checkout_id="c1"),
        pixel("c", "Purchase"),
        pixel("d", "Purchase", order_id="1", value=1, currency="USD"),
        pixel("e", "identify", source="identify"),
        pixel("f", "Lead", source="webhook"),
        connections=("meta",),
    )
    assert must(found) == {"a", short("acme:c1:meta:InitiateCheckout"), "c"}
