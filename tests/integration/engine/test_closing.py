"""A connection to a broker that ends, seen by a request that had not yet heard of it."""

import asyncio
from collections.abc import Callable

import pytest
import uvloop
from aiokafka.conn import create_conn
from aiokafka.errors import KafkaConnectionError
from aiokafka.protocol.metadata import MetadataRequest

from processors.engine import kafka_closing
from tests.support.servers import KafkaServer

LOOPS = [asyncio.new_event_loop, uvloop.new_event_loop]


@pytest.mark.parametrize("loop", LOOPS, ids=["asyncio", "uvloop"])
def test_a_request_on_a_connection_that_has_just_ended_can_be_repeated(
    kafka_server: KafkaServer, loop: Callable[[], asyncio.AbstractEventLoop]
) -> None:
    kafka_closing.install()
    host, port = kafka_server.bootstrap.split(":")

    async def ask() -> None:
        for turns in range(4):
            conn = await create_conn(host, int(port))
            conn._writer.transport.abort()
            for _ in range(turns):  # of the loop, in one of which nobody but the transport knows
                await asyncio.sleep(0)
            with pytest.raises(KafkaConnectionError):
                await conn.send(MetadataRequest([]))

    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(ask())
