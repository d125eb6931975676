"""Which events a chat hears of: those of people whom an ad led to one, under the chat's names."""

from collections.abc import Mapping

import pytest

from processors.dedupe import handle
from processors.dedupe.handle import Route, Subject, Wanted
from processors.dedupe.payload import delivery
from processors.engine.outcome import Drop
from processors.engine.processor import Item
from schemas.envelope import Consent, Marketing
from tests.unit.dedupe.events import EPOCH, TENANT, credited, found, seen

BOTH = {TENANT: Route(platforms=("meta", "whatsapp"), when_absent="granted")}
CLICK = Marketing(ctwa_clid="own", fbclid="IwAR")
ORDERS = {(TENANT, "c1"): found(), (TENANT, "clicked"): found("clicked", marketing=CLICK)}


def subjects(*batch: Item) -> tuple[handle.Plan, list[Subject]]:
    plan = handle.sort_out(batch, EPOCH)
    return plan, handle.subjects(batch, plan, ORDERS, {})


def routed(
    item: Item, clicks: Mapping[int, str], routes: Mapping[str, Route] = BOTH
) -> tuple[handle.Plan, dict[str, Wanted]]:
    plan, about = subjects(item)
    wanted = handle.route(about, plan, routes=routes, persons={}, decisions={}, chat_clicks=clicks)
    return plan, {each.key.platform: each for each in wanted}


@pytest.mark.parametrize("item", [credited(), seen(event_name="Lead")])
def test_the_click_of_the_person_goes_to_the_chat_and_to_nobody_else(item: Item) -> None:
    _, wanted = routed(item, {0: "ARAk"})
    told = {platform: delivery(each, {}) for platform, each in wanted.items()}
    assert {platform: each.marketing.ctwa_clid for platform, each in told.items()} == {
        "meta": None, "whatsapp": "ARAk",
    }  # fmt: skip


def test_the_click_that_came_with_it_wins_and_the_rest_of_its_marketing_stays() -> None:
    _, wanted = routed(credited("clicked"), {0: "ARAk"})
    assert delivery(wanted["whatsapp"], {}).marketing == CLICK


@pytest.mark.parametrize(
    ("item", "clicks"),
    [
        (credited(), {}),
        (seen(event_name="Lead"), {}),
        (seen(event_name="PageView"), {0: "ARAk"}),
        (seen(event_name="PageView", marketing=CLICK), {}),
    ],
)
def test_a_chat_does_not_hear_of_who_never_came_or_of_what_it_has_no_name_for(
    item: Item, clicks: dict[int, str]
) -> None:
    assert routed(item, clicks)[1].keys() == {"meta"}
    alone = {TENANT: Route(platforms=("whatsapp",), when_absent="granted")}
    plan, wanted = routed(item, clicks, alone)
    assert (plan.outcomes, wanted) == ([Drop("not_deliverable")], {})


def test_who_stopped_the_chat_is_not_told_of_there() -> None:
    stopped = seen(event_name="Lead", consent=Consent(whatsapp="denied"))
    assert routed(stopped, {0: "ARAk"})[1].keys() == {"meta"}


def test_a_click_is_looked_for_only_where_it_is_of_use() -> None:
    batch = [
        credited(),
        credited("clicked", offset=1),
        seen(offset=2, event_name="AddToCart"),
        seen(offset=3, event_name="PageView"),
        seen(offset=4, event_name="Lead", marketing=CLICK),
    ]
    _, about = subjects(*batch)
    assert [each.place for each in handle.chat_seekers(about, BOTH)] == [0, 2]
    without = {TENANT: Route(platforms=("meta",), when_absent="granted")}
    assert handle.chat_seekers(about, without) == []
    assert handle.chat_seekers(about, {}) == []
