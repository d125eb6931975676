"""The operator's connections: Postgres and Kafka as the environment names them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

import sql
from processors.commands.refusal import Refused
from processors.engine.postgres import Connection, Database
from processors.engine.processor import Emit
from processors.engine.settings import Settings

__all__ = ["OperatorDatabase", "OperatorSettings", "Refused", "database", "must_exist", "produce"]

QUERIES = sql.load("operator")


class OperatorSettings(Settings):
    """Where the servers are; `DATABASE_URL` is the operator's, who sees every tenant."""

    model_config = SettingsConfigDict(env_prefix="ATTRIBUTARY_ENGINE_")

    kafka_bootstrap_servers: str = Field(validation_alias="KAFKA_BOOTSTRAP_SERVERS", min_length=1)
    database_url: SecretStr = Field(validation_alias="DATABASE_URL", min_length=1)
    topic_prefix: str = ""


class OperatorDatabase(Settings):
    """For commands that need no Kafka."""

    database_url: SecretStr = Field(validation_alias="DATABASE_URL", min_length=1)


@asynccontextmanager
async def database() -> AsyncIterator[Database]:
    """The operator's database, open for the block."""
    url = OperatorDatabase.load().database_url.get_secret_value()
    db = await Database.connect(url, application_name="attributary-operator", max_size=4)
    try:
        yield db
    finally:
        await db.close()


async def must_exist(conn: Connection, tenant: str) -> None:
    """Go on only with a tenant that there is.

    Raises:
        Refused: naming it.
    """
    if await conn.fetchval(QUERIES["tenant"], tenant) is None:
        raise Refused(f"there is no tenant {tenant}: tenant add {tenant}")


async def produce(emits: list[Emit]) -> None:
    """Put records on their topics and wait for the acks."""
    from processors.engine.kafka import Producer

    settings = OperatorSettings.load()
    producer = Producer(settings.kafka_bootstrap_servers, prefix=settings.topic_prefix)
    await producer.start()
    try:
        await producer.send_all(emits)
    finally:
        await producer.stop()
