"""A broker that asks who is there: TLS, passwords and ACLs, against each of our clients."""

import asyncio
import os
import secrets
import sys
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
from aiokafka import errors as kafka_errors

from deploy.local.process import kill_group, spawn
from processors.commands.acls import lines, rights
from processors.engine.cluster import Cluster
from processors.engine.kafka import Consumer, Producer, Raw
from processors.engine.kafka_start import NotLetIn
from processors.engine.spec import CATALOGUE
from processors.registry import PROCESSORS
from tests.support.certificates import Authority
from tests.support.engine_field import until
from tests.support.engine_memory import settings
from tests.support.examples import FOLDER
from tests.support.secure_broker import ROOT, SecureBroker, grant
from tests.support.servers import server_folder

pytestmark = pytest.mark.heavy
USERS = (ROOT, "gateway", "schedule", "operator", *PROCESSORS)
Environment = pytest.MonkeyPatch


@pytest.fixture(scope="module")
def broker() -> Iterator[SecureBroker]:
    with server_folder() as folder:
        authority = Authority(folder)
        users = {name: secrets.token_hex(8) for name in USERS}
        made = SecureBroker(folder, authority=authority, users=users)
        try:
            made.start()
            asyncio.run(_prepare(made))
            yield made
        finally:
            made.kill()


async def _prepare(broker: SecureBroker) -> None:
    with pytest.MonkeyPatch.context() as environment:
        become(environment, broker, ROOT)

        async def up() -> bool:
            try:
                await grant(broker.bootstrap, lines(prefix=""))
            except (kafka_errors.KafkaError, OSError):
                return False
            return True

        await until("the broker's users and rules", up, seconds=30)
        # The operator's rule is enough to make topics, and no cluster-wide right is.
        become(environment, broker, "operator")
        async with Cluster(broker.bootstrap) as cluster:
            assert await cluster.create_topics() == sorted(CATALOGUE)


def become(environment: Environment, broker: SecureBroker, user: str, **other: str) -> None:
    for name, value in broker.environment(user, **other).items():
        environment.setenv(name, value)


def member(broker: SecureBroker, group: str, *topics: str) -> Consumer:
    own = settings(kafka_bootstrap_servers=broker.bootstrap, database_url="postgresql://x")
    return Consumer(own, group=group, topics=topics, on_assigned=lambda _: None)


async def test_a_processor_reads_its_inputs_commits_and_writes_its_outputs(
    broker: SecureBroker, monkeypatch: Environment
) -> None:
    become(monkeypatch, broker, "gateway")
    gateway = Producer(broker.bootstrap, linger_ms=0)
    await gateway.send_raw([Raw("spend.v1", b"acme|meta", b"{}")])
    await gateway.stop()
    become(monkeypatch, broker, "summary")
    consumer = member(broker, "summary", "spend.v1", "credits.v1")
    await consumer.start()
    found = []

    async def polled() -> bool:
        found.extend(await consumer.poll(max_records=10, timeout_ms=200))
        return any(message.topic == "spend.v1" for message in found)

    await until("the record", polled, seconds=20)
    await consumer.commit(found)
    await consumer.stop()
    producer = Producer(broker.bootstrap, linger_ms=0)
    assert await producer.send_raw([Raw("dead_letters.spend.v1", b"k", b"{}")])
    await producer.stop()
    async with Cluster(broker.bootstrap) as cluster:
        after = {(message.topic, message.partition): message.offset + 1 for message in found}
        assert (await cluster.committed("summary")).items() >= after.items()
        assert await cluster.missing(PROCESSORS["summary"].inputs) == []


async def test_a_processor_is_refused_what_belongs_to_others(
    broker: SecureBroker, monkeypatch: Environment
) -> None:
    become(monkeypatch, broker, "summary")
    producer = Producer(broker.bootstrap, linger_ms=0)
    for topic in ("spend.v1", "commands.v1", "credits.v1"):  # it reads two of them
        with pytest.raises(kafka_errors.TopicAuthorizationFailedError):
            await producer.send_raw([Raw(topic, b"k", b"{}", partition=0)])
    await producer.stop()
    async with Cluster(broker.bootstrap) as cluster:
        assert await cluster.missing(["touchpoints.v1"]) == ["touchpoints.v1"]
        with pytest.raises(kafka_errors.GroupAuthorizationFailedError):
            await cluster.committed("identity")
    other = member(broker, "identity", "spend.v1")
    with pytest.raises(kafka_errors.GroupAuthorizationFailedError):
        await _join(other)
    await other.stop()


async def _join(consumer: Consumer) -> None:
    await consumer.start()
    async with asyncio.timeout(20):
        while True:
            await consumer.poll(max_records=1, timeout_ms=100)


def test_no_two_roles_may_write_one_topic_unless_the_catalogue_says_so() -> None:
    written: dict[str, set[str]] = {}
    for right in rights():
        if right.operation == "Write":
            for topic in right.topics:
                written.setdefault(topic, set()).add(right.role)
    shared = {topic: roles for topic, roles in written.items() if len(roles) > 1}
    replayed = ("orders.v1", "touchpoints.v1", "pixel_events.v1", "commands.v1")
    assert shared == {
        "dead_letters.credits.v1": {"summary", "dedupe"},
        **{topic: {"gateway", "schedule"} for topic in replayed},
    }


@pytest.mark.parametrize(
    ("wrong", "variable"),
    [
        ({"sasl_password": "guessed"}, "ATTRIBUTARY_KAFKA_SASL_PASSWORD"),
        ({"sasl_username": "nobody"}, "ATTRIBUTARY_KAFKA_SASL_USERNAME"),
        ({"sasl_mechanism": "SCRAM-SHA-256"}, "ATTRIBUTARY_KAFKA_SASL_MECHANISM"),
        ({"ca_file": "OTHER"}, "ATTRIBUTARY_KAFKA_CA_FILE"),
    ],
)
async def test_what_keeps_us_out_is_named_at_once(
    broker: SecureBroker,
    monkeypatch: Environment,
    wrong: dict[str, str],
    variable: str,
) -> None:
    with server_folder() as folder:
        stranger = Authority(folder, name="stranger")
        given = {k: str(stranger.ca_file) if v == "OTHER" else v for k, v in wrong.items()}
        become(monkeypatch, broker, "credit", **given)
        for client in (Cluster(broker.bootstrap), Producer(broker.bootstrap)):
            with pytest.raises(NotLetIn, match=variable) as refused:
                await client.start()
            assert "guessed" not in str(refused.value)


async def test_a_certificate_of_another_host_is_refused(
    broker: SecureBroker, monkeypatch: Environment
) -> None:
    become(monkeypatch, broker, "credit")
    elsewhere = f"localhost:{broker.port}"  # the certificate is for 127.0.0.1
    with pytest.raises(NotLetIn, match="ATTRIBUTARY_KAFKA_CHECK_HOSTNAME"):
        await Cluster(elsewhere).start()
    become(monkeypatch, broker, "credit", check_hostname="false")
    async with Cluster(elsewhere) as cluster:
        assert await cluster.missing(["credits.v1"]) == []


async def test_a_client_certificate_lets_in_where_brokers_want_one(
    broker: SecureBroker, monkeypatch: Environment
) -> None:
    certificate, key = broker.authority.issue("meter")
    become(
        monkeypatch, broker, ROOT, security_protocol="SSL", sasl_username="",
        client_cert_file=str(certificate), client_key_file=str(key),
    )  # fmt: skip
    async with Cluster(broker.mutual) as cluster:
        assert await cluster.missing(["credits.v1"]) == ["credits.v1"], "it may see nothing yet"
    for name in ("CLIENT_CERT_FILE", "CLIENT_KEY_FILE"):
        monkeypatch.delenv(f"ATTRIBUTARY_KAFKA_{name}")
    with pytest.raises(kafka_errors.KafkaError):
        await Cluster(broker.mutual).start()


async def test_an_order_goes_through_processes_that_have_a_user_each(
    broker: SecureBroker, monkeypatch: Environment, database: str, tmp_path: Path
) -> None:
    run = [
        spawn(
            [sys.executable, "-m", "processors", "run", name],
            env={
                **os.environ,
                **broker.environment(name),
                "KAFKA_BOOTSTRAP_SERVERS": broker.bootstrap,
                "DATABASE_URL": database,
            },
            log=tmp_path / f"{name}.log",
        )
        for name in ("identity", "credit", "summary")
    ]
    db = await asyncpg.connect(database)
    try:
        become(monkeypatch, broker, "gateway")
        gateway = Producer(broker.bootstrap, linger_ms=0)
        order = (FOLDER / "orders.v1" / "plain.json").read_bytes()
        await gateway.send_raw([Raw("orders.v1", b"acme|shopify/1", order)])
        await gateway.stop()

        async def applied() -> bool:
            dead = [p for p in run if p.poll() is not None]
            assert not dead, f"see the logs in {tmp_path}"
            return bool(await db.fetchval("SELECT count(*) FROM credit_applied"))

        await until("the order's credit", applied, seconds=60)
    finally:
        await db.close()
        for process in run:
            kill_group(process.pid)
            process.wait()
