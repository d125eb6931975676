"""The demo's day is the same for the same seed, full of what real traffic brings, and every
request of it gets from the gateway's own handlers what it says that it must get."""

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

import orjson
import pytest

from deploy.demo.day import CLOSING, Day, day
from deploy.demo.lines import Request
from deploy.demo.shops import SHOPS
from processors.domain.times import parse_time
from processors.engine.sealing import KEY_BYTES, Sealer
from processors.gateway import routes
from processors.gateway.door import Door
from processors.gateway.handling import handle
from processors.gateway.registry import find

NOW: Final = 1_790_000_000_000
SCALE: Final = 0.2
HOUR: Final = 3_600_000
assert routes.__all__


@pytest.fixture(scope="module")
def small() -> Day:
    return day(seed=7, now=NOW, scale=SCALE)


def items(request: Request) -> list[dict[str, Any]]:
    said = orjson.loads(request.body)
    if isinstance(said, dict):
        said = said.get("batch", [said])
    return list(said)


def good(requests: tuple[Request, ...]) -> Iterator[tuple[Request, dict[str, Any]]]:
    for request in requests:
        if request.expect == 200 and not request.rejected:
            for item in items(request):
                yield request, item


def test_the_same_seed_and_moment_give_the_same_bytes(small: Day) -> None:
    again = day(seed=7, now=NOW, scale=SCALE)
    assert again == small
    assert day(seed=8, now=NOW, scale=SCALE) != small


def test_a_second_day_shares_no_event_with_the_first(small: Day) -> None:
    later = day(seed=7, now=NOW + 60_000, scale=SCALE)

    def ids(of: Day) -> set[str]:
        return {item["event_id"] for _, item in good(of.requests) if "event_id" in item}

    assert not ids(small) & ids(later)


def test_nothing_has_happened_after_the_moment_of_the_day(small: Day) -> None:
    for _, item in good(small.requests):
        for name in ("occurred_at", "ordered_at", "updated_at", "processed_at", "timestamp"):
            if item.get(name) is not None:
                assert parse_time(item[name]) <= NOW + HOUR // 60


def test_every_shop_brings_touches_events_orders_and_spend(small: Day) -> None:
    paths = {(request.tenant, request.path.partition("/shopify")[0]) for request in small.requests}
    for shop in SHOPS:
        orders = "/api/webhooks" if shop.shopify_domain else "/v1/orders"
        for path in ("/v1/touchpoints", "/v1/events", "/v1/identify", "/v1/spend", orders):
            assert (shop.tenant, path) in paths


def test_some_requests_come_twice_and_some_event_ids_come_with_another_content(small: Day) -> None:
    bodies = Counter((request.path, request.body) for request in small.requests)
    assert any(count > 1 for count in bodies.values())
    contents: dict[str, set[bytes]] = {}
    for _, item in good(small.requests):
        if "event_id" in item:
            contents.setdefault(item["event_id"], set()).add(orjson.dumps(item))
    assert any(len(found) > 1 for found in contents.values())


def test_some_touches_are_weeks_old_and_arrivals_are_out_of_order(small: Day) -> None:
    times = [
        parse_time(item["occurred_at"])
        for request, item in good(small.requests)
        if request.path == "/v1/touchpoints"
    ]
    assert min(times) < NOW - 10 * 24 * HOUR
    assert times != sorted(times)


def test_orders_are_in_several_currencies_one_of_which_has_no_rate(small: Day) -> None:
    currencies = {
        (request.tenant, item["currency"])
        for request, item in good(small.requests)
        if request.path == "/v1/orders"
    }
    assert {("demo-berlin", "EUR"), ("demo-berlin", "DKK"), ("demo-tokyo", "JPY")} <= currencies


def test_orders_for_afterwards_are_plain_and_sent_nowhere_else(small: Day) -> None:
    kept = {orjson.loads(request.body)["id"] for request in small.closing}
    played = {
        orjson.loads(request.body).get("id")
        for request in small.requests
        if request.path.endswith("orders/paid")
    }
    assert len(kept) == CLOSING
    assert not kept & played
    assert all(request.orders for request in small.closing)


def test_the_gateway_takes_and_refuses_exactly_what_the_day_expects(small: Day) -> None:
    sealer = Sealer(bytes(range(KEY_BYTES)))
    assert small.story is not None
    told = (*small.story.before, *(request for _, request in small.story.after))
    for request in (*small.requests, *small.closing, *told):
        if request.expect not in (200, 422):
            continue
        found = find(request.path)
        assert found is not None
        entry, topic = found
        door = Door(tenant=request.tenant, server=True, received_at=NOW, sealer=sealer, topic=topic)
        outcome = handle(entry, items(request), door)
        assert len(outcome.rejected) == request.rejected, (request.path, outcome.rejected)
        assert len(outcome.accepted) == request.items - request.rejected
