"""What an operator puts back ends as it would have at its first arrival, at every door."""

from base64 import b64decode, b64encode
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest

from processors.commands.refused import Poster
from processors.domain.consent import DENIED, FLAGS
from processors.engine import service_token
from processors.engine.sealing import Sealer
from processors.engine.vault import Vault, new_key
from processors.gateway.arrival import HEADER
from processors.gateway.policy import DEFAULT, Policy
from tests.unit.gateway.asking import (
    BROWSER,
    MEASUREMENT,
    NOW,
    SEAL_KEY,
    SERVER,
    Answer,
    Gateway,
)
from tests.unit.gateway.test_quarantine import kept

LATER = NOW + 3 * 86_400_000
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/126.0 Safari/537.36 \u00e9"
HEADERS = {
    "user-agent": CHROME,
    "accept-language": "de",
    "sec-ch-ua-platform": '"Windows"',
    "cookie": "_attributary_id=c-1",
}
ITEM = {
    "url": "https://shop.example/p?gclid=Cj0K&utm_source=meta",
    "identifiers": {"email": "mary@shop.example", "customer_id": "c-77"},
}
DENIES = {"consent": {"ad_user_data": "denied", "analytics_storage": "denied"}}
BASIC = {"authorization": "Basic " + b64encode(f"{BROWSER}:".encode()).decode()}
BEARER = {"authorization": f"Bearer {BROWSER}"}
TAG = {"v": "2", "tid": MEASUREMENT, "cid": "11.17", "dl": ITEM["url"], "uid": "c-77"}
TRACK = {"type": "track", "event": "Product Added", "userId": "c-77", "context": {"locale": "de"}}
WITH_COOKIE = Policy(same_site="Lax")


@dataclass(frozen=True)
class Ask:
    """A request of two equal items, or of one."""

    path: str
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)

    async def of(self, gateway: Gateway, more: Mapping[str, str], query: str) -> Answer:
        """Ask the gateway for it."""
        path = self.path + query if "?" in self.path else self.path + query.replace("&", "?", 1)
        raw = self.body if isinstance(self.body, bytes) else orjson.dumps(self.body)
        method, raw = ("GET", b"") if self.body is None else ("POST", raw)
        return await gateway.ask(method, path, raw, {**HEADERS, **self.headers, **more})


def twice(*items: Mapping[str, Any]) -> list[Any]:
    return [*items, *items]


DOORS = {
    "touchpoints": Ask("/v1/touchpoints", twice(ITEM), BEARER),
    "touchpoints that deny": Ask("/v1/touchpoints", twice(ITEM | DENIES), BEARER),
    "touchpoints by a clock that is wrong": Ask(
        "/v1/touchpoints",
        twice(ITEM | {"occurred_at": NOW - 7_200_000, "sent_at": NOW - 3_600_000}),
        BEARER,
    ),
    "events": Ask("/v1/events", twice(ITEM | {"event_name": "PageView"}), BEARER),
    "identify": Ask("/v1/identify", twice(ITEM), BEARER),
    "beacon": Ask(f"/v1/beacon?key={BROWSER}", twice(ITEM, ITEM | {"event_name": "Lead"})),
    "image": Ask(f"/p.gif?{urlencode({'key': BROWSER, 'url': ITEM['url'], 'customer_id': '7'})}"),
    "image that denies": Ask(
        f"/p.gif?{urlencode({'key': BROWSER, 'customer_id': '7', 'ad_user_data': DENIED})}"
    ),
    "tag": Ask(f"/g/collect?{urlencode({**TAG, 'en': 'a'})}"),
    "tag that denies": Ask(f"/g/collect?{urlencode({**TAG, 'en': 'a', 'gcd': '13q3q3q3q5'})}"),
    "tags": Ask(f"/g/collect?{urlencode(TAG)}", b"en=page_view\r\nen=scroll"),
    "universal": Ask(f"/collect?{urlencode({**TAG, 'v': '1', 't': 'pageview', 'qt': '5000'})}"),
    "segment": Ask("/v1/batch", {"batch": twice(TRACK), "context": {"locale": "de"}}, BASIC),
    "segment that denies": Ask(
        "/v1/track",
        twice(TRACK | {"context": {"consent": {"categoryPreferences": {"Advertising": False}}}}),
        BASIC,
    ),
    "conversions": Ask(
        "/api/v1/capi/events/batch", twice(ITEM | {"event_name": "Purchase", "value": 5}), BEARER
    ),
    "a server's": Ask(
        "/v1/batch",
        twice(TRACK | {"event": "Order Updated", "properties": {"order_id": "7"}}),
        {"authorization": f"Bearer {SERVER}"},
    ),
}
VISITS: dict[str, tuple[Policy, dict[str, str], str]] = {
    "plain": (DEFAULT, {}, ""),
    "Sec-GPC": (WITH_COOKIE, {"sec-gpc": "1"}, ""),
    "DNT that counts": (replace(WITH_COOKIE, dnt=True), {"dnt": "1"}, ""),
    "DNT that does not": (DEFAULT, {"dnt": "1"}, ""),
    "X-Anonymous": (WITH_COOKIE, {"x-anonymous": "*"}, ""),
    "?anonymous": (DEFAULT, {"sec-gpc": "1"}, "&anonymous=1"),
    "all are anonymous": (Policy(anonymous=True), {}, ""),
    "short addresses": (Policy(addresses="truncated"), {}, ""),
    "no addresses": (Policy(addresses="none"), {}, ""),
    "a cookie": (WITH_COOKIE, {}, ""),
    "a cookie that silence denies": (replace(WITH_COOKIE, silence_grants=False), {}, ""),
    "a robot": (DEFAULT, {"user-agent": "curl/8.0", "purpose": "prefetch"}, ""),
    "a robot that is nobody": (DEFAULT, {"user-agent": "curl/8.0", "x-anonymous": "1"}, ""),
}


def under(policy: Policy, **overrides: Any) -> Gateway:
    """A gateway whose tenant has this policy."""
    gateway = Gateway(**overrides)
    gateway.directory.snapshot = replace(gateway.directory.snapshot, policies={"demo": policy})
    return gateway


def rows_of(gateway: Gateway) -> list[Any]:
    """All that it took, as it lies on its topics."""
    return [orjson.loads(row.raw.value or b"") for row in gateway.outlet.rows]


@pytest.fixture
async def poster() -> AsyncIterator[Poster]:
    """Makes the requests of `replay refused`."""
    made = Poster("http://gateway.example", Vault(new_key()), Sealer(b64decode(SEAL_KEY)))
    async with made.client:
        yield made


async def put_back(poster: Poster, refusing: Gateway, taking: Gateway) -> list[Answer]:
    """All that the one kept is put to the other."""
    vault = Vault(taking.settings.vault_key.get_secret_value())
    answers = []
    for item in await kept(refusing):
        request = poster.request(item, {})
        assert request is not None
        token = service_token.make(vault, "demo", now=LATER, server=item.key_kind == "server")
        headers = [*request.headers.raw, (b"authorization", f"Bearer {token}".encode())]
        said = {name.decode(): value.decode() for name, value in headers}
        path = request.url.raw_path.decode()
        answers.append(await taking.ask(request.method, path, request.content, said))
    return answers


@pytest.mark.parametrize("visit", VISITS)
async def test_a_refused_item_ends_as_if_it_had_been_taken_at_once(
    visit: str, poster: Poster
) -> None:
    policy, headers, query = VISITS[visit]
    at_once, refusing, later = under(policy), under(policy, max_event_bytes=10), under(policy)
    later.move(LATER)

    for name, door in DOORS.items():
        for gateway in (at_once, refusing, later):
            gateway.outlet.rows.clear()
            gateway.kept.rows.clear()
        assert (await door.of(at_once, headers, query)).status in (200, 204), name
        refused = await door.of(refusing, headers, query)
        answers = await put_back(poster, refusing, later)
        answers += await put_back(poster, refusing, later)

        assert (refused.status, {answer.status for answer in answers}) == (422, {200}), name
        expected = rows_of(at_once)
        assert expected
        assert rows_of(later) == expected * 2, name
        assert {row.raw.timestamp for row in later.outlet.rows} == {NOW}
        assert "set-cookie" not in {said for answer in answers for said in answer.headers}


@pytest.mark.parametrize("visit", [name for name, (p, *_) in VISITS.items() if not p.same_site])
async def test_a_body_ends_so_too_but_for_a_short_address(visit: str, poster: Poster) -> None:
    policy, headers, query = VISITS[visit]
    at_once, refusing, later = under(policy), under(policy, max_batch_items=1), under(policy)
    later.move(LATER)

    for name, door in DOORS.items():
        if door.body is None:
            continue
        for gateway in (at_once, refusing, later):
            gateway.outlet.rows.clear()
            gateway.kept.rows.clear()
        await door.of(at_once, headers, query)
        refused = await door.of(refusing, headers, query)
        answers = await put_back(poster, refusing, later)
        answers += await put_back(poster, refusing, later)

        assert (refused.status, {answer.status for answer in answers}) == (413, {200}), name
        expected = rows_of(at_once)
        for row in expected:
            if "ip" in row.get("browser", {}):
                row["browser"]["ip"] = "203.0.113.0"
        assert rows_of(later) == expected * 2, name


@pytest.mark.parametrize("visit", VISITS)
@pytest.mark.parametrize("whole", [False, True])
async def test_of_the_visit_no_more_is_kept_than_its_record_would_have(
    visit: str, whole: bool
) -> None:
    policy, headers, query = VISITS[visit]
    gateway = under(policy, **{"max_batch_items" if whole else "max_event_bytes": 1})

    await DOORS["touchpoints"].of(gateway, headers, query)
    await DOORS["touchpoints that deny"].of(gateway, headers, query)

    found = await kept(gateway)
    assert len(found) == (2 if whole else 4)
    for place, item in enumerate(found):
        denies = place >= len(found) // 2
        seen = orjson.loads(gateway.sealer.open("demo", item.sealed)["arrival"])["seen"]
        nobody = "anonymous" in visit.lower() or "nobody" in visit
        private = nobody or denies or whole or "silence" in visit or "that counts" in visit
        assert ("nobody" in seen, "user_agent" in seen) == (nobody, not nobody)
        assert ("visitor" in seen) == (policy.same_site is not None and not private)
        cut = denies or whole or policy.addresses == "truncated" or "sec-gpc" in headers
        cut = cut or "that counts" in visit
        ip = "203.0.113.0" if cut else "203.0.113.9"
        assert seen.get("ip") == (None if nobody or policy.addresses == "none" else ip)
        assert not (nobody and item.preview)


async def test_whom_the_tenant_wishes_to_be_nobody_since_then_comes_back_so(
    poster: Poster,
) -> None:
    at_once, later = under(Policy(anonymous=True)), under(Policy(anonymous=True))
    refusing = under(DEFAULT, max_event_bytes=10)
    later.move(LATER)

    for gateway in (at_once, refusing):
        await DOORS["touchpoints"].of(gateway, {}, "")
    await put_back(poster, refusing, later)

    assert rows_of(later) == rows_of(at_once)


def operator(gateway: Gateway, said: str) -> dict[str, str]:
    """Headers of somebody who puts back."""
    vault = Vault(gateway.settings.vault_key.get_secret_value())
    token = service_token.make(vault, "demo", now=NOW, server=False)
    return {"authorization": f"Bearer {token}", HEADER.decode(): said}


FIRST = orjson.dumps({"at": NOW - 5, "sequence": 0, "seen": {"ip": "198.51.100.7"}}).decode()


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/v1/beacon", BEARER),
        (f"/v1/beacon?key={BROWSER}", {}),
        (f"/g/collect?tid={MEASUREMENT}&cid=1.2&en=a", {"authorization": "Bearer ats_forged"}),
        (f"/v1/track?writeKey={BROWSER}", {"authorization": "bearer ats_forged"}),
    ],
)
async def test_nobody_else_can_say_when_and_how_an_item_came(
    path: str, headers: dict[str, str]
) -> None:
    gateway = Gateway()
    item = {"visitor_id": "v", "userId": "u", "type": "click", "event": "Hat"}
    body = b"" if "collect" in path else orjson.dumps(item)

    await gateway.post(
        path, body, key=None, headers={**headers, HEADER.decode(): FIRST, "sec-gpc": "1"}
    )

    (record,) = rows_of(gateway)
    assert (record["received_at"], record["browser"]["ip"]) == (NOW, "203.0.113.0")
    assert record["consent"]["ad_user_data"] == DENIED


async def test_of_a_visit_that_is_not_told_everything_is_forbidden() -> None:
    gateway = Gateway()
    said = orjson.dumps({"at": NOW - 5, "sequence": 0}).decode()

    await gateway.post("/v1/touchpoints", ITEM, key=None, headers=operator(gateway, said))

    (record,) = rows_of(gateway)
    assert record["consent"] == dict.fromkeys(FLAGS, DENIED)
    assert "browser" not in record or "ip" not in record["browser"]


@pytest.mark.parametrize(
    "said", ["1", "{}", '{"at":"x","sequence":0}', '{"at":1,"sequence":0,"a":1}']
)
async def test_an_arrival_that_cannot_be_read_is_refused(said: str) -> None:
    gateway = Gateway()

    answer = await gateway.post("/v1/touchpoints", ITEM, key=None, headers=operator(gateway, said))

    assert (answer.status, answer.json["error"], gateway.outlet.rows) == (400, "bad_replay", [])


async def test_what_an_operator_puts_back_in_vain_is_not_kept_twice() -> None:
    gateway = Gateway()
    bad = {"visitor_id": "v", "occurred_at": "yesterday"}

    again = await gateway.post("/v1/touchpoints", bad, key=None, headers=operator(gateway, FIRST))
    orders = await gateway.post("/v1/orders", {}, key=None, headers=operator(gateway, FIRST))
    await gateway.post("/v1/touchpoints", bad, headers={HEADER.decode(): FIRST})

    assert (again.status, orders.status) == (422, 403)
    assert len(await kept(gateway)) == 1


async def test_an_operator_is_answered_in_json_by_every_door() -> None:
    gateway = Gateway()
    said = operator(gateway, FIRST)

    answers = [
        await gateway.post("/v1/beacon", {"visitor_id": "v"}, key=None, headers=said),
        await gateway.post("/g/collect?v=2&cid=1.2&en=a", b"", key=None, headers=said),
    ]
    usual = await gateway.post("/v1/beacon", {"visitor_id": "v"}, headers={HEADER.decode(): FIRST})

    assert [(answer.status, answer.json["accepted"]) for answer in answers] == [(200, 1)] * 2
    assert usual.status == 204
