"""A browser at a real gateway: the settings of the log decide over its cookie and its record."""

import asyncpg
import orjson

from processors.gateway.cookies import NAME, TWIN
from tests.integration.gateway.running import BROWSER_KEY, Gateway, client_of, records, until
from tests.support.servers import KafkaServer

SETTINGS = {
    "id_cookie": "lax",
    "id_cookie_domains": "shop.example.com",
    "ip_policy": "truncated",
}
GRANTED = {"analytics_storage": "granted"}
BROWSER = {
    "host": "events.shop.example.com",
    "origin": "https://shop.example.com",
    "user-agent": "Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/126.0",
    "accept-language": "de",
}


async def test_the_cookie_names_the_visitor_of_the_records(
    gateway: Gateway, kafka_server: KafkaServer, database: str, topic_prefix: str
) -> None:
    operator = await asyncpg.connect(database)
    await operator.executemany(
        "INSERT INTO tenant_settings VALUES ('demo', $1, $2, 1, 'k')", list(SETTINGS.items())
    )
    await operator.close()
    async with client_of(gateway, BROWSER_KEY) as client:
        client.headers.update(BROWSER)

        async def has_a_cookie() -> bool:
            answer = await client.post("/v1/consent", json={"visitor_id": "w", "consent": GRANTED})
            return "set-cookie" in answer.headers

        await until(has_a_cookie)
        first = await client.post("/v1/touchpoints", json={"event_id": "t1"})
        visitor = _value(first.headers.get_list("set-cookie"))
        given = {"cookie": f"{NAME}={visitor}"}
        await client.post("/v1/touchpoints", json={"event_id": "t2"}, headers=given)
        nobody = await client.post(
            "/v1/touchpoints", json={"event_id": "t3"}, headers={**given, "x-anonymous": "*"}
        )

    said = first.headers.get_list("set-cookie")
    assert [text.partition("=")[0] for text in said] == [NAME, TWIN]
    assert all(" Domain=shop.example.com;" in text for text in said)
    assert first.headers["access-control-allow-origin"] == BROWSER["origin"]
    assert first.headers["access-control-allow-credentials"] == "true"
    assert "set-cookie" not in nobody.headers
    kept = {
        record["event_id"]: record
        for message in await records(kafka_server.bootstrap, topic_prefix, "touchpoints.v1")
        if (record := orjson.loads(message.value or b""))
    }
    assert kept["t1"]["visitor_id"] == kept["t2"]["visitor_id"] == visitor
    assert kept["t3"]["visitor_id"].startswith("anon-")
    assert kept["t1"]["browser"]["ip"] == "127.0.0.0"
    assert "browser" not in kept["t3"]
    assert {tuple(record["bot_reasons"]) for record in kept.values()} == {("headless",)}


def _value(cookies: list[str]) -> str:
    return cookies[0].partition(";")[0].partition("=")[2]
