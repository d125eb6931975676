"""`import` through a real gateway: everything ends in the log once, also when it is cut short."""

import asyncio
import csv
from pathlib import Path

import orjson
import pytest

from processors.commands.importing import Plan, Result, run
from processors.commands.importing.checkpoint import beside
from processors.commands.operator import Refused
from tests.integration.gateway.running import SERVER_KEY, Gateway, records, until
from tests.support.servers import KafkaServer

HEAD = "visitor_id,occurred_at,utm_source\n"


def line(number: int) -> str:
    return f"v{number},2026-09-01T10:00:{number % 60:02}Z,google\n"


async def importing(
    path: Path, gateway: Gateway, *, tenant: str | None = None, patience: float = 30.0
) -> Result:
    plan = Plan(
        path=path, kind="auto", gateway=gateway.url, key=SERVER_KEY, tenant=tenant,
        patience_seconds=patience,
    )  # fmt: skip
    return await run(plan, lambda _done, _size: None)


async def test_an_import_ends_in_the_log_and_a_repeat_has_the_same_ids(
    gateway: Gateway, kafka_server: KafkaServer, topic_prefix: str, tmp_path: Path
) -> None:
    path = tmp_path / "t.csv"
    path.write_text(HEAD + "".join(map(line, range(1_200))) + ",2026-09-01,\n")

    first = await importing(path, gateway, tenant="demo")
    again = await importing(path, gateway)

    assert (first.accepted, first.rejected, first.complete) == (1_200, 1, False)
    assert (again.accepted, again.skipped) == (1_200, 0)
    with (tmp_path / "t.csv.errors.csv").open() as file:
        assert [row["line"] for row in csv.DictReader(file)] == ["1202"]
    found = await records(kafka_server.bootstrap, topic_prefix, "touchpoints.v1")
    ids = {orjson.loads(m.value or b"")["event_id"] for m in found}
    assert (len(found), len(ids)) == (2_400, 1_200)
    assert not beside(path).exists()


async def test_another_tenants_key_and_an_unknown_one_import_nothing(
    gateway: Gateway, kafka_server: KafkaServer, topic_prefix: str, tmp_path: Path
) -> None:
    path = tmp_path / "t.csv"
    path.write_text(HEAD + line(1))
    with pytest.raises(Refused, match="not one of tenant rival"):
        await importing(path, gateway, tenant="rival")
    plan = Plan(path=path, kind="auto", gateway=gateway.url, key="wrong")
    with pytest.raises(Refused, match="--key"):
        await run(plan, lambda _done, _size: None)
    assert await records(kafka_server.bootstrap, topic_prefix, "touchpoints.v1") == []


async def test_an_import_that_was_cut_short_goes_on_where_it_stopped(
    gateway: Gateway, kafka_server: KafkaServer, topic_prefix: str, tmp_path: Path
) -> None:
    path = tmp_path / "t.csv"
    path.write_text(HEAD + "".join(map(line, range(30_000))))

    async def noted() -> bool:
        return beside(path).exists()

    going = asyncio.ensure_future(importing(path, gateway, patience=0.5))
    await until(noted)
    gateway.kill()
    stopped = await going
    assert stopped.stopped
    assert 0 < stopped.accepted < 30_000

    await gateway.start()
    done = await importing(path, gateway)
    assert (done.accepted, done.skipped, done.complete) == (30_000, stopped.accepted, True)
    found = await records(kafka_server.bootstrap, topic_prefix, "touchpoints.v1")
    assert len({orjson.loads(m.value or b"")["event_id"] for m in found}) == 30_000
