"""SIGTERM under load: a balancer that asks for readiness loses no request, and no answer."""

import asyncio

import httpx
import orjson

from tests.integration.gateway.running import SERVER_KEY, Gateway, client_of, records, until
from tests.support.servers import KafkaServer

CLIENTS = 12
BODY = b'{"event_id":"slow","visitor_id":"v"}'


async def test_a_stop_under_load_loses_no_request_and_no_answer(
    gateway: Gateway, kafka_server: KafkaServer, topic_prefix: str
) -> None:
    answered: list[str] = []
    gone = asyncio.Event()
    busy = asyncio.Event()

    async def balance() -> None:
        async with httpx.AsyncClient(base_url=gateway.url) as client:

            async def not_ready() -> bool:
                return (await client.get("/readyz")).status_code == 503

            await until(not_ready)
        gone.set()

    async def closed() -> bool:
        try:
            _, other = await asyncio.open_connection("127.0.0.1", gateway.port)
        except OSError:
            return True
        other.close()
        return False

    async def send(sender: int) -> None:
        number = 0
        async with client_of(gateway) as client:
            while not gone.is_set():
                number += 1
                event_id = f"{sender}-{number}"
                item = {"event_id": event_id, "visitor_id": f"v{sender}"}
                answer = await client.post("/v1/touchpoints", json=item)
                assert answer.status_code == 200
                answered.append(event_id)
                if len(answered) > 200:
                    busy.set()

    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    head = (
        f"POST /v1/touchpoints HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {SERVER_KEY}\r\n"
        f"content-length: {len(BODY)}\r\n\r\n"
    )
    writer.write(head.encode() + BODY[:10])
    balancing = asyncio.ensure_future(balance())
    senders = [asyncio.ensure_future(send(n)) for n in range(CLIENTS)]
    await busy.wait()
    ending = asyncio.ensure_future(asyncio.to_thread(gateway.terminate))
    await asyncio.gather(balancing, *senders)
    await until(closed)
    writer.write(BODY[10:])
    said = await reader.read()
    writer.close()

    assert said.startswith(b"HTTP/1.1 200 ")
    assert b"connection: close" in said
    assert await ending == 0
    found = await records(kafka_server.bootstrap, topic_prefix, "touchpoints.v1")
    in_log = [orjson.loads(message.value or b"")["event_id"] for message in found]
    assert sorted(in_log) == sorted([*answered, "slow"])
    assert "Traceback" not in gateway.log_text
