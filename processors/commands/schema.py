"""`migrate` and `topics`: what must exist before anything runs."""

import sql
from processors.commands.operator import OperatorSettings, database
from processors.commands.refusal import Refused
from processors.engine.cluster import create_topics


async def migrate() -> list[str]:
    """Apply what is missing of the migrations and views; returns their names."""
    async with database() as db, db.connection() as connection:
        return await sql.migrate(connection)  # type: ignore[arg-type]


async def topics() -> list[str]:
    """Create what is missing of the catalogue; returns the names of what was."""
    settings = OperatorSettings.load()
    return await create_topics(settings.kafka_bootstrap_servers, settings.topic_prefix)


def acls(principal: str) -> list[str]:
    """What each processor may do at the brokers, as arguments of `kafka-acls`.

    Raises:
        Refused: when `principal` does not tell roles apart.
    """
    from processors.commands.acls import lines

    try:
        return lines(prefix=OperatorSettings.load().topic_prefix, principal=principal)
    except ValueError as error:
        raise Refused(str(error)) from None
