"""Every platform is connected, told of in a line, and held against what was sent to it."""

from collections import Counter

import pytest

from deploy.demo import connections, outage, platforms
from deploy.demo.outage import Outage
from deploy.demo.platforms import Tally
from deploy.demo.shops import SHOPS
from processors.domain.events import StandardEvent
from processors.platforms.base import ACCOUNT_ID
from processors.platforms.registry import CONNECTORS
from schemas.delivery import Platform

GOOD = Tally("tiktok", Counter(sent=12), events=10, back=2, taken=10)


@pytest.mark.parametrize("platform", CONNECTORS)
def test_a_tenant_is_connected_to_every_platform_by_settings_that_can_be_read(
    platform: Platform,
) -> None:
    fields = CONNECTORS[platform].connection
    said = dict(one.split("=", 1) for one in connections.settings("demo", platform))
    assert all(fields[name].read(value) for name, value in said.items())
    assert ACCOUNT_ID in {fields[name].part for name in said}
    assert connections.name_at(platform, StandardEvent.PURCHASE)


def test_one_shop_alone_sends_everywhere() -> None:
    everywhere = [shop.tenant for shop in SHOPS if set(shop.platforms) == set(CONNECTORS)]
    assert everywhere == ["demo"]


def test_a_platform_is_a_line_with_the_most_frequent_reasons() -> None:
    tally = Tally(
        "meta",
        Counter(sent=1_203, rejected=9, queued=2, parked=1, unknown=1),
        Counter({"no page": 5, "no name": 3, "no value": 1}),
        events=1_200,
        back=3,
        taken=1_200,
        again=7,
    )
    assert " ".join(platforms.line(tally).split()) == (
        "meta 1,203 sent (3 of them take back), 0 filtered, 3 waiting, 1 unknown; "
        "counted 1,200, 7 known again; 9 rejected (5 no page; 3 no name; 1 others)"
    )


@pytest.mark.parametrize(("taken", "wrong"), [(9, True), (10, False), (12, False), (13, True)])
def test_a_platform_must_have_counted_what_was_sent_but_may_keep_no_event_of_what_went_back(
    taken: int, wrong: bool
) -> None:
    tally = Tally("tiktok", GOOD.states, events=10, back=2, taken=taken)
    assert bool(list(platforms.faults([tally]))) is wrong


def test_a_purchase_that_only_the_platform_refused_is_a_fault() -> None:
    tally = Tally("snapchat", Counter(sent=1, rejected=2), events=1, taken=1, lost=2)
    assert list(platforms.faults([tally])) == [
        "snapchat refused 2 purchases that its connector let pass"
    ]


def test_what_takes_back_no_sale_of_the_platforms_is_a_fault() -> None:
    tally = Tally("microsoft_ads", Counter(sent=3), events=1, back=2, taken=1, unmet=1)
    assert list(platforms.faults([tally])) == [
        "microsoft_ads met no sale of its own with 1 that take back"
    ]


def test_a_simulator_that_does_not_answer_is_a_fault() -> None:
    assert list(platforms.faults([Tally("meta", wrong="is away")])) == ["meta: is away"]


def test_an_outage_must_open_a_circuit_that_closes_again() -> None:
    assert outage.faults(Outage(opened=1.0, closed=9.0)) == []
    assert len(outage.faults(Outage(opened=1.0))) == len(outage.faults(Outage())) == 1
    told = outage.told(Outage(opened=1.0, over=6.0, closed=9.0), GOOD)
    assert "opened at 1.0 s and closed at 9.0 s" in told
