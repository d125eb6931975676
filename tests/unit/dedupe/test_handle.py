"""Dedupe's pure part: routing, ids, claims and how each record ends."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from processors.dedupe import handle
from processors.dedupe.handle import Plan, Route, Source, Wanted
from processors.domain import ids
from processors.domain.consent import FLAGS, Decision
from processors.engine.outcome import APPLIED, DUPLICATE, Dead, Drop
from processors.engine.processor import Item, Message
from tests.unit.dedupe.events import AT, DENIED, EPOCH, GRANTED, TENANT, credited, found, seen

BOTH = {TENANT: Route(platforms=("meta", "ga4"), when_absent="granted")}


def routed(
    batch: Sequence[Item], *, routes: dict[str, Route] = BOTH, decided: Sequence[Decision] = ()
) -> tuple[Plan, list[Wanted]]:
    plan = handle.sort_out(batch, EPOCH)
    orders = {(TENANT, "c1"): found()}
    person = (TENANT, "visitor:v1")
    wanted = handle.route(
        handle.subjects(batch, plan, orders, {}),
        plan,
        routes=routes,
        persons={person: person},
        decisions={person: decided},
    )
    return plan, wanted


def test_an_order_goes_to_every_platform_under_its_own_id() -> None:
    _, wanted = routed([credited()])
    assert {each.key.platform: each.key.event_id for each in wanted} == {
        platform: ids.purchase_event_id(
            tenant=TENANT, source="api", order_id="1001", platform=platform
        )
        for platform in ("meta", "ga4")
    }


def test_orders_of_other_sources_have_the_source_in_their_id() -> None:
    own = handle.Subject(place=0, source=Source("credits.v1", 0, 0), about=found(source="till"))
    assert own.event_id("meta") == ids.purchase_event_id(
        tenant=TENANT, source="till", order_id="1001", platform="meta"
    )
    plain = handle.Subject(place=0, source=Source("credits.v1", 0, 0), about=found())
    assert own.event_id("meta") != plain.event_id("meta")


@pytest.mark.parametrize(
    ("item", "end"),
    [
        (credited(deliverable=False), Drop("not_deliverable")),
        (credited("unknown"), Drop("not_deliverable")),
        (credited(epoch="another"), Drop("other_epoch")),
        (seen(source="identify"), Drop("not_deliverable")),
        (seen(source="webhook"), Drop("not_deliverable")),
        (seen(event_name="Purchase", order_id="1001"), Drop("not_deliverable")),
        (seen(consent=DENIED), Drop("consent")),
        (Item(Message("credits.v1", 0, 0, 0, None, b""), Dead("invalid")), Dead("invalid")),
    ],
)
def test_what_no_platform_should_get_ends_with_its_rule(item: Item, end: Drop | Dead) -> None:
    plan, wanted = routed([item])
    assert (plan.outcomes, wanted) == ([end], [])


@pytest.mark.parametrize("routes", [{}, {TENANT: Route(platforms=(), when_absent="granted")}])
def test_a_tenant_without_platforms_delivers_nothing(routes: dict[str, Route]) -> None:
    plan, wanted = routed([credited(), seen(offset=1)], routes=routes)
    assert (plan.outcomes, wanted) == ([Drop("no_connection")] * 2, [])


HELD = (Decision("processing", "denied", AT - 1, "a"),)
NO_BOTS = {TENANT: Route(platforms=("meta", "ga4"), when_absent="granted", bots=False)}


@pytest.mark.parametrize("routes", [BOTH, NO_BOTS, {}])
@pytest.mark.parametrize("item", [credited(), seen(), seen(consent=GRANTED, bot_reasons=["x"])])
def test_nobody_hears_of_somebody_who_is_suppressed(item: Item, routes: dict[str, Route]) -> None:
    plan, wanted = routed([item], routes=routes, decided=HELD)
    assert (plan.outcomes, wanted) == ([Drop("suppressed")], [])


def test_a_robots_event_is_delivered_unless_the_tenant_excludes_them() -> None:
    robot = seen(bot_reasons=["declared"])
    _, kept = routed([robot])
    plan, excluded = routed([robot, credited(), seen(offset=1)], routes=NO_BOTS)
    assert len(kept) == 2
    assert plan.outcomes[0] == Drop("bot")
    assert {each.subject.place for each in excluded} == {1, 2}


def test_an_order_is_its_persons_and_that_of_each_id_that_it_carries() -> None:
    own = found(visitor_id="v9", identifiers={"customer_id": "c9"})
    subject = handle.Subject(place=0, source=Source("credits.v1", 0, 0), about=own)
    assert handle.nodes_of(subject) == [
        (TENANT, "visitor:v1"), (TENANT, "visitor:v9"), (TENANT, "customer:c9"),
    ]  # fmt: skip


def test_a_purchase_without_an_order_keeps_the_callers_id() -> None:
    _, wanted = routed([seen(event_name="Purchase", checkout_id="k1", event_id="mine")])
    assert {each.key.event_id for each in wanted} == {"mine"}


def test_events_of_one_checkout_do_not_collide() -> None:
    batch = [
        seen(offset=n, event_name=name, checkout_id="k1", event_id=f"e{n}")
        for n, name in enumerate(("InitiateCheckout", "AddPaymentInfo", "Quiz finished"))
    ]
    _, wanted = routed(batch)
    assert len({each.key for each in wanted}) == len(wanted) == 6


def test_consent_decides_for_each_platform() -> None:
    only_analytics = DENIED.model_copy(update={"analytics_storage": "granted"})
    _, wanted = routed([seen(consent=only_analytics)])
    assert [each.key.platform for each in wanted] == ["ga4"]
    assert wanted[0].consent == only_analytics


def test_an_absent_flag_is_what_the_tenant_says_it_is() -> None:
    strict = {TENANT: Route(platforms=("meta", "ga4"), when_absent="denied")}
    assert routed([seen()], routes=strict)[0].outcomes == [Drop("consent")]
    assert len(routed([seen()])[1]) == 2
    assert len(routed([seen(consent=GRANTED)], routes=strict)[1]) == 2


def test_a_persons_later_decision_holds_for_events_and_orders() -> None:
    revoked = [Decision(flag, "denied", AT + 1, "a") for flag in FLAGS]
    plan, wanted = routed([credited(), seen(offset=1, consent=GRANTED)], decided=revoked)
    assert (plan.outcomes, wanted) == ([Drop("consent")] * 2, [])


def test_a_claim_of_the_same_record_is_granted_again() -> None:
    plan, wanted = routed([credited(offset=7)])
    owners = {each.key: Source("credits.v1", 0, 7) for each in wanted}
    assert handle.granted(wanted, plan, owners) == wanted
    assert plan.outcomes == [APPLIED]


def test_a_claim_of_another_record_makes_a_duplicate() -> None:
    plan, wanted = routed([credited(offset=7)])
    owners = {each.key: Source("credits.v1", 0, 6) for each in wanted}
    assert handle.granted(wanted, plan, owners) == []
    assert plan.outcomes == [DUPLICATE]


def test_a_record_that_one_platform_still_gets_is_applied() -> None:
    plan, wanted = routed([seen(offset=7)])
    first, second = wanted
    owners = {first.key: Source("other", 0, 0), second.key: second.subject.source}
    assert handle.granted(wanted, plan, owners) == [second]
    assert plan.outcomes == [APPLIED]


def test_in_one_batch_the_first_record_claims() -> None:
    _, wanted = routed([seen(offset=1), seen(offset=2)])
    claims = handle.claims(wanted)
    assert {own.subject.source.offset for own in claims.values()} == {1}
    assert len(claims) == 2


def test_an_order_of_uploads_goes_only_where_all_of_them_are_meant_for() -> None:
    def places(*named: str, told: tuple[str, ...] = ()) -> tuple[Plan, list[str]]:
        plan = handle.sort_out([credited()], EPOCH)
        own = replace(found(), destinations=frozenset(named))
        subjects = handle.subjects([credited()], plan, {(TENANT, "c1"): own}, {})
        claimed = [key for key in handle.strays(subjects, BOTH) if key.platform in told]
        wanted = handle.route(subjects, plan, routes=BOTH, persons={}, decisions={}, told=claimed)
        return plan, [each.key.platform for each in wanted]

    assert places()[1] == ["meta", "ga4"]
    assert places("ga4")[1] == ["ga4"]
    assert places("ga4", told=("meta",))[1] == ["meta", "ga4"]
    assert places("ga4", "meta")[1] == []
    plan, nowhere = places("tiktok")
    assert (plan.outcomes, nowhere) == ([Drop("other_platform")], [])
