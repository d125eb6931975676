"""A robot's hit is taken, flagged with its signs, and counted; the device is told coarsely."""

from typing import Any

import pytest

from processors.domain.fingerprints import device_fingerprint
from processors.gateway.pace import Pace
from processors.gateway.policy import DEFAULT, Policy
from tests.unit.gateway.asking import BROWSER, NOW, SERVER, Gateway
from tests.unit.gateway.test_privacy import CHROME, HEADERS, VIEW, under

GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


async def taken(
    *items: dict[str, Any],
    path: str = "/v1/touchpoints",
    key: str = BROWSER,
    headers: dict[str, str] = HEADERS,
    gateway: Gateway | None = None,
) -> list[Any]:
    gateway = gateway or Gateway()
    answer = await gateway.post(path, list(items), key=key, headers=headers)
    assert answer.json["accepted"] == len(items)
    (topic,) = {row.raw.topic for row in gateway.outlet.rows}
    return gateway.outlet.records(topic)


@pytest.mark.parametrize("path", ["/v1/touchpoints", "/v1/events", "/api/events/checkout"])
@pytest.mark.parametrize(
    ("key", "item", "headers", "reasons"),
    [
        (BROWSER, {}, {"user-agent": GOOGLEBOT}, ("declared", "no_language")),
        (BROWSER, {}, {**HEADERS, "sec-purpose": "prefetch"}, ("prefetch",)),
        (BROWSER, {"webdriver": True}, HEADERS, ("webdriver",)),
        (BROWSER, {}, {}, ("no_agent", "no_language")),
        (BROWSER, {"occurred_at": NOW - 1_000, "sent_at": NOW - 90_000},
         {"user-agent": CHROME}, ("no_language", "times")),
        (BROWSER, {"occurred_at": NOW - 1_000, "sent_at": NOW - 90_000}, HEADERS, ()),
        (BROWSER, {}, {"user-agent": CHROME}, ()),
        (BROWSER, {"webdriver": "no"}, HEADERS, ()),
        (SERVER, {"user_agent": GOOGLEBOT}, {}, ("declared",)),
        (SERVER, {"user_agent": CHROME, "webdriver": True}, {"user-agent": "curl/8"}, ()),
        (SERVER, {}, {}, ()),
    ],
)  # fmt: skip
async def test_the_signs_of_a_hit_are_in_its_record(
    path: str, key: str, item: dict[str, Any], headers: dict[str, str], reasons: tuple[str, ...]
) -> None:
    (record,) = await taken({**VIEW, **item}, path=path, key=key, headers=headers)
    assert record.bot_reasons == reasons


async def test_an_anonymous_robot_is_still_one() -> None:
    asked = {"user-agent": GOOGLEBOT, "accept-language": "de", "x-anonymous": "*"}
    (record,) = await taken(VIEW, headers=asked)
    assert (record.bot_reasons, record.browser.user_agent) == (("declared",), None)


async def test_somebody_who_comes_too_often_gives_one_sign_more() -> None:
    gateway = Gateway(pace_per_minute=2)
    for _ in range(3):
        found = await taken(VIEW, headers={"user-agent": CHROME}, gateway=gateway)
    other = await taken({"visitor_id": "w"}, headers={"user-agent": CHROME}, gateway=gateway)
    assert [record.bot_reasons for record in (*found, other[-1])] == [
        (), (), ("no_language", "pace"), (),
    ]  # fmt: skip


async def test_items_of_one_request_are_one_coming() -> None:
    records = await taken(*[VIEW] * 5, gateway=Gateway(pace_per_minute=1), headers={})
    assert {record.bot_reasons for record in records} == {("no_agent", "no_language")}


def test_a_pace_is_counted_by_the_minute_and_not_at_all_without_a_limit() -> None:
    pace, who = Pace(2), ("demo", "v")
    assert [pace.is_too_fast(who, 1) for _ in range(4)] == [False, False, True, True]
    assert not pace.is_too_fast(who, 60_001)
    assert not any(Pace(0).is_too_fast(who, 1) for _ in range(9))


async def test_robots_are_counted_by_their_signs() -> None:
    gateway = Gateway()
    await taken(VIEW, {"visitor_id": "w"}, headers={"user-agent": GOOGLEBOT}, gateway=gateway)
    text = (await gateway.get("/metrics")).content.decode()
    assert 'attributary_bots_total{reason="declared"} 2.0' in text
    assert 'attributary_bots_total{reason="no_language"} 2.0' in text


@pytest.mark.parametrize("path", ["/v1/touchpoints", "/v1/events"])
async def test_a_device_is_told_by_agent_and_hints(path: str) -> None:
    hints = {"sec-ch-ua-platform": '"Windows"', "sec-ch-ua-mobile": "?0"}
    (record,) = await taken(VIEW, path=path, headers={**HEADERS, **hints})
    (plain,) = await taken({**VIEW, "user_agent": CHROME}, path=path, key=SERVER)
    (none,) = await taken(VIEW, path=path, key=SERVER)
    assert record.device_fingerprint == device_fingerprint("demo", CHROME, '"Windows"', "?0")
    assert plain.device_fingerprint == device_fingerprint("demo", CHROME)
    assert none.device_fingerprint is None


@pytest.mark.parametrize(
    ("consent", "policy", "is_told"),
    [
        ({"analytics_storage": "denied"}, DEFAULT, False),
        ({"analytics_storage": "granted"}, Policy(silence_grants=False), True),
        ({"ad_storage": "granted"}, Policy(silence_grants=False), False),
        (None, Policy(silence_grants=False), False),
        (None, DEFAULT, True),
    ],
)
async def test_a_device_is_told_only_where_consent_allows(
    consent: Any, policy: Policy, is_told: bool
) -> None:
    (record,) = await taken({**VIEW, "consent": consent}, gateway=under(policy))
    assert (record.device_fingerprint is not None) == is_told
