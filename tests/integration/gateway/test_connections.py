"""Clients that are slow, huge, endless or no HTTP at all, over real sockets."""

import asyncio

import orjson
import pytest

from tests.integration.gateway.listening import KEY, TOUCH, Client, listening, request


@pytest.mark.parametrize(
    ("head", "refused"),
    [
        (b"nonsense\r\n\r\n", (400, "bad_request")),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", (400, "bad_request")),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc", (400, "bad_request")),
        (request(length=b"-5"), (400, "bad_request")),
        (request(length=b"5x"), (400, "bad_request")),
        (request(extra=b"content-length: 3\r\n"), (400, "bad_request")),
        (request(extra=b"transfer-encoding: chunked\r\n"), (400, "bad_request")),
        (request(extra=b"a header without a colon\r\n"), (400, "bad_request")),
        (request(extra=b"x: " + b"x" * 80_000 + b"\r\n"), (431, "head_too_large")),
        (b"POST / HTTP/1.1\r\nx: " + b"x" * 400_000, (431, "head_too_large")),
        (request(extra=b"x: y\r\n" * 120), (431, "too_many_fields")),
        (b"GET /" + b"x" * 20_000 + b" HTTP/1.1\r\nhost: x\r\n\r\n", (414, "uri_too_long")),
        (request(length=b"99999999"), (413, "too_large")),
        (request(b" " * 6_000_000), (413, "too_large")),
        (request(b"", length=b"0", extra=b"x: y\r\n"), (400, "bad_json")),
    ],
)
async def test_what_is_no_request_is_refused_and_the_next_client_is_served(
    head: bytes, refused: tuple[int, str]
) -> None:
    async with listening() as server:
        client = await server.connect()
        client.send(head)
        if refused[1] == "bad_json":
            assert orjson.loads((await client.answer())[2])["error"] == "bad_json"
        else:
            assert await client.refused() == refused
        assert await server.takes()


@pytest.mark.parametrize("drip", [b"", b"P", b"x: y\r\n", b"\r\n"])
async def test_a_head_that_does_not_end_is_given_up(drip: bytes) -> None:
    async with listening(head_timeout_seconds=0.2) as server:
        client = await server.connect()
        if drip.strip():
            client.send(b"POST /v1/touchpoints HTTP/1.1\r\n")
        dripping = asyncio.ensure_future(_drip(client, drip))
        try:
            assert await client.refused() == (408, "timeout")
        finally:
            dripping.cancel()
        assert await server.takes()


async def _drip(client: Client, drip: bytes) -> None:
    while True:
        client.send(drip)
        await asyncio.sleep(0.02)


async def test_a_later_head_on_the_same_connection_has_the_same_deadline() -> None:
    async with listening(head_timeout_seconds=0.2) as server:
        client = await server.connect()
        client.send(request())
        assert (await client.answer())[0] == 200
        client.send(request()[:40])
        assert await client.refused() == (408, "timeout")


async def test_a_connection_that_is_not_used_is_closed_after_a_while() -> None:
    async with listening(keep_alive_seconds=1) as server:
        client = await server.connect()
        client.send(request())
        assert (await client.answer())[0] == 200
        assert await client.closed()


@pytest.mark.parametrize(
    "head",
    [
        request(b'{"visitor_id"', length=b"500"),
        request(b"", extra=b"x: y\r\n", length=b"10"),
        b"POST /v1/touchpoints HTTP/1.1\r\nhost: x\r\n" + KEY
        + b"transfer-encoding: chunked\r\n\r\n5\r\n[1,2",
    ],
)  # fmt: skip
async def test_a_body_shorter_than_it_says_is_given_up(head: bytes) -> None:
    async with listening(body_timeout_seconds=0.2) as server:
        client = await server.connect()
        client.send(head)
        assert await client.refused() == (408, "timeout")
        assert await server.takes()


async def test_a_body_longer_than_it_says_is_another_request_and_none() -> None:
    async with listening() as server:
        client = await server.connect()
        client.send(request(TOUCH + b"more", length=b"%d" % len(TOUCH)))
        assert (await client.answer())[0] == 200
        assert await client.refused() == (400, "bad_request")
        assert len(server.gateway.outlet.rows) == 1


@pytest.mark.parametrize(
    ("chunks", "refused"),
    [
        (b"5\r\n     \r\n" * 1_100_000, (413, "too_large")),
        (b"zz\r\n", (400, "bad_request")),
        (b"3\r\n[1]\r\n0\r\nx: y\r\n\r\n", (431, "trailers")),
    ],
)
async def test_a_chunked_body_is_bounded_and_checked(
    chunks: bytes, refused: tuple[int, str]
) -> None:
    async with listening() as server:
        client = await server.connect()
        client.send(
            b"POST /v1/touchpoints HTTP/1.1\r\nhost: x\r\n" + KEY
            + b"transfer-encoding: chunked\r\n\r\n" + chunks
        )  # fmt: skip
        assert await client.refused() == refused
        assert await server.takes()


async def test_a_body_that_nobody_reads_does_not_hold_the_connection() -> None:
    async with listening(body_timeout_seconds=0.2) as server:
        client = await server.connect()
        client.send(b"GET /healthz HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n")
        assert (await client.answer())[0] == 200
        dripping = asyncio.ensure_future(_drip(client, b"1\r\nx\r\n"))
        assert await client.closed()
        dripping.cancel()


async def test_requests_on_each_others_heels_are_answered_in_order() -> None:
    async with listening() as server:
        client = await server.connect()
        visitors = [b'{"visitor_id":"v%d"}' % n for n in range(200)]
        client.send(b"".join(request(body) for body in visitors))
        answers = [await client.answer() for _ in visitors]
        assert [status for status, _, _ in answers] == [200] * 200
        offsets = [orjson.loads(body)["receipts"][0]["offset"] for _, _, body in answers]
        assert offsets == list(range(200))


async def test_what_was_accepted_is_answered_though_nonsense_follows_it() -> None:
    async with listening() as server:
        client = await server.connect()
        client.send(request() + request() + b"nonsense\r\n\r\n")
        assert [(await client.answer())[0] for _ in range(2)] == [200, 200]
        assert await client.refused() == (400, "bad_request")
        assert len(server.gateway.outlet.rows) == 2


async def test_what_was_accepted_is_answered_though_a_broken_body_follows_it() -> None:
    async with listening() as server:
        client = await server.connect()
        broken = request(extra=b"", length=b"1").replace(b"content-length: 1", b"te: x")
        broken = broken.replace(b"te: x", b"transfer-encoding: chunked")
        client.send(request() + broken)
        assert (await client.answer())[0] == 200
        assert await client.refused() == (400, "bad_request")
        assert len(server.gateway.outlet.rows) == 1


async def test_an_upgrade_that_is_not_offered_is_answered_as_it_stands() -> None:
    async with listening() as server:
        client = await server.connect()
        offer = b"connection: Upgrade, HTTP2-Settings\r\nupgrade: h2c\r\nhttp2-settings: AA\r\n"
        client.send(request(extra=offer))
        assert (await client.answer())[0] == 200
        client.send(request(extra=offer)[:-3])
        client.send(request()[-3:] + request())
        assert [(await client.answer())[0] for _ in range(2)] == [200, 200]
        assert len(server.gateway.outlet.rows) == 3


async def test_a_tunnel_is_refused() -> None:
    async with listening() as server:
        client = await server.connect()
        client.send(b"CONNECT elsewhere:443 HTTP/1.1\r\nhost: elsewhere:443\r\n\r\n")
        assert await client.refused() == (400, "bad_request")


async def test_with_too_many_connections_the_next_one_is_told_to_come_again() -> None:
    async with listening(max_connections=2) as server:
        for _ in range(2):
            client = await server.connect()
            client.send(request())
            assert (await client.answer())[0] == 200
        late = await server.connect()
        status, headers, _ = await late.answer()
        assert (status, headers["retry-after"]) == (503, "1")
        assert await late.closed()


async def test_while_it_stops_every_answer_closes_its_connection() -> None:
    async with listening() as server:
        client = await server.connect()
        client.send(request())
        assert "connection" not in (await client.answer())[1]
        server.gateway.app.closing = True
        client.send(request())
        status, headers, _ = await client.answer()
        assert (status, headers["connection"]) == (200, "close")
        assert await client.closed()
