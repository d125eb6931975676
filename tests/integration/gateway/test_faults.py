"""Brokers away, the gateway killed: it never says yes and loses the event."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import httpx
import orjson
import pytest

from deploy.local.kafka import Kafka
from deploy.local.postgres import Postgres
from tests.integration.gateway import killing
from tests.integration.gateway.running import Gateway, client_of, records, running, until
from tests.support.databases import Databases
from tests.support.servers import KafkaServer, server_folder

SENDERS = 8


@pytest.fixture
def own_kafka() -> Iterator[Kafka]:
    """A broker that may be killed."""
    with server_folder() as folder:
        kafka = Kafka(folder)
        kafka.start()
        yield kafka
        kafka.kill()


async def ids(bootstrap: str, prefix: str) -> list[str]:
    """Event ids of all touchpoints in the log, in the order of each partition."""
    found = await records(bootstrap, prefix, "touchpoints.v1")
    return [orjson.loads(message.value or b"")["event_id"] for message in found]


async def post(client: httpx.AsyncClient, event_id: str, visitor: str = "v") -> httpx.Response:
    """One touchpoint."""
    item = {"event_id": event_id, "visitor_id": visitor}
    return await client.post("/v1/touchpoints", json=item)


async def spooled(client: httpx.AsyncClient) -> int:
    """Records that wait in the spool."""
    return int((await client.get("/readyz")).json()["spool_records"])


async def test_with_the_broker_killed_events_are_spooled_and_later_in_kafka_in_order(
    own_kafka: Kafka, database: str, topic_prefix: str, tmp_path: Path
) -> None:
    async with (
        running(
            bootstrap=own_kafka.bootstrap, dsn=database, prefix=topic_prefix, folder=tmp_path
        ) as gateway,
        client_of(gateway) as client,
    ):

        async def direct() -> bool:
            return (await post(client, "warm", visitor="other")).status_code == 200

        await until(direct)
        answers = [await post(client, f"a{n:02}") for n in range(10)]
        own_kafka.kill()
        answers += [await post(client, f"b{n:02}") for n in range(10)]
        assert [a.status_code for a in answers] == [200] * 10 + [202] * 10
        assert answers[-1].json()["receipts"][0]["offset"] is None
        assert await spooled(client) == 10
        health = (await client.get("/sink-health")).json()
        assert (health["goes_to"], health["spool_records"]) == ("spool", 10)

        gateway.kill()
        await gateway.start()
        assert await spooled(client) == 10
        answers += [await post(client, f"c{n:02}") for n in range(5)]
        assert {a.status_code for a in answers[20:]} == {202}
        own_kafka.start()

        async def empty() -> bool:
            return await spooled(client) == 0

        await until(empty)
        last = await post(client, "d00")
        assert last.status_code == 200
        wanted = [orjson.loads(a.content)["receipts"][0]["event_id"] for a in [*answers, last]]
        in_log = await ids(own_kafka.bootstrap, topic_prefix)
        assert [each for each in dict.fromkeys(in_log) if each != "warm"] == wanted


async def test_with_the_spool_full_the_answer_is_try_again_and_not_ready(
    own_kafka: Kafka, database: str, topic_prefix: str, tmp_path: Path
) -> None:
    async with (
        running(
            bootstrap=own_kafka.bootstrap, dsn=database, prefix=topic_prefix, folder=tmp_path,
            spool_max_bytes="1200", max_event_bytes="400",
        ) as gateway,
        client_of(gateway) as client,
    ):  # fmt: skip
        own_kafka.kill()
        answers = [await post(client, f"e{n:02}") for n in range(12)]
        codes = [a.status_code for a in answers]
        taken = codes.count(202)

        assert codes == [202] * taken + [503] * (12 - taken)
        assert 0 < taken < 12
        assert answers[-1].headers["retry-after"]
        assert (await client.get("/readyz")).status_code == 503
        own_kafka.start()

        async def takes_again() -> bool:
            return (await post(client, "later")).status_code == 200

        await until(takes_again)
        in_log = await ids(own_kafka.bootstrap, topic_prefix)
        assert set(in_log) >= {f"e{n:02}" for n in range(taken)}


async def test_a_gateway_killed_under_load_has_everything_that_it_confirmed(
    gateway: Gateway, kafka_server: KafkaServer, topic_prefix: str
) -> None:
    confirmed: list[str] = []
    down = asyncio.Event()

    async def send(sender: int) -> None:
        number = 0
        async with client_of(gateway) as client:
            while not down.is_set():
                batch = [
                    {"event_id": f"{sender}-{number}-{n}", "visitor_id": f"v{n}"} for n in range(20)
                ]
                number += 1
                try:
                    answer = await client.post("/v1/touchpoints", json=batch)
                except httpx.TransportError:
                    return
                assert answer.status_code in (200, 202)
                confirmed.extend(row["event_id"] for row in answer.json()["receipts"])

    senders = [asyncio.ensure_future(send(n)) for n in range(SENDERS)]

    async def enough() -> bool:
        return len(confirmed) > 2_000

    await until(enough)
    gateway.kill()
    down.set()
    await asyncio.gather(*senders)
    await gateway.start()

    in_log = set(await ids(kafka_server.bootstrap, topic_prefix))
    assert set(confirmed) <= in_log


@pytest.mark.heavy
async def test_killed_twenty_times_the_gateway_has_everything_that_it_confirmed_in_order(
    kafka_server: KafkaServer, database: str, topic_prefix: str, tmp_path: Path
) -> None:
    verdict = await killing.kill_gateway(
        dsn=database, bootstrap=kafka_server.bootstrap, prefix=topic_prefix, folder=tmp_path,
        rounds=20, tell=print,
    )  # fmt: skip
    assert verdict.kept, verdict
    assert verdict.confirmed >= 20 * killing.EVENTS_A_ROUND


@pytest.mark.heavy
async def test_with_the_broker_killed_twenty_times_all_that_was_spooled_arrives_in_order(
    database: str, topic_prefix: str, tmp_path: Path
) -> None:
    verdict = await killing.kill_broker(
        dsn=database, prefix=topic_prefix, folder=tmp_path, rounds=20, tell=print
    )
    assert verdict.kept, verdict
    assert verdict.spooled >= 20 * killing.EVENTS_A_ROUND


async def test_with_postgres_killed_known_keys_still_work(
    kafka_server: KafkaServer, topic_prefix: str, tmp_path: Path
) -> None:
    with server_folder() as folder:
        server = Postgres(folder, durable=False)
        server.start()
        try:
            async with (
                Databases(server.dsn).fresh() as dsn,
                running(
                    bootstrap=kafka_server.bootstrap, dsn=dsn, prefix=topic_prefix,
                    folder=tmp_path, control_refresh_seconds="0.2",
                ) as gateway,
                client_of(gateway) as client,
                client_of(gateway, "unknown") as stranger,
            ):  # fmt: skip
                server.kill()
                answers = [await post(client, f"e{n}") for n in range(5)]
                refused = await post(stranger, "x")
                server.start()

                assert {a.status_code for a in answers} == {200}
                assert refused.status_code == 401
        finally:
            server.kill()
