"""The means of the drills' faults of servers, each on a real server alone."""

import shutil
import subprocess
import sys
from os import environ, urandom
from pathlib import Path
from urllib.parse import unquote, urlsplit

import asyncpg
import pytest

from deploy.drills import faketime, standby
from deploy.drills.small_disk import SmallDisk
from deploy.local.postgres import Postgres
from processors.engine.kafka import Raw
from processors.engine.postgres import Database, is_transient
from processors.gateway.spool import Full, Spool, frame
from tests.support.servers import server_folder

pytestmark = pytest.mark.heavy

CLOCKS = (
    "import time; print(time.time(), time.monotonic(), time.clock_gettime(time.CLOCK_BOOTTIME))"
)


async def test_a_standby_takes_the_primary_s_place_with_every_commit_and_is_followed_in_turn() -> (
    None
):
    with server_folder() as folder:
        first = Postgres(folder / "first")
        first.start()
        url = urlsplit(first.dsn)
        secret, second = unquote(url.password or ""), folder / "second"
        standby.copy(url.port or 0, secret, second)
        replica = Postgres(second)
        replica.start()
        try:
            await standby.hold_to_standby(first.dsn)
            await _execute(first.dsn, "CREATE TABLE told (n int); INSERT INTO told VALUES (1)")
            with pytest.raises(asyncpg.TargetServerAttributeNotMatched) as caught:
                await Database.connect(replica.dsn, application_name="test")
            assert is_transient(caught.value)
            first.kill()
            port = urlsplit(replica.dsn).port or 0
            await standby.promote(second, port=port)
            await _execute(replica.dsn, "INSERT INTO told SELECT n + 1 FROM told")
            shutil.rmtree(folder / "first" / "data")
            standby.copy(port, secret, folder / "first")
            first.start()
            await standby.hold_to_standby(replica.dsn)
            await _execute(replica.dsn, "INSERT INTO told VALUES (3)")
            connection = await asyncpg.connect(first.dsn)
            assert await connection.fetchval("SELECT count(*) FROM told") in (2, 3)
            await connection.close()
        finally:
            replica.kill()
            first.kill()


def test_a_spool_says_that_its_disk_is_full_before_it_tries(tmp_path: Path) -> None:
    disk = SmallDisk(tmp_path / "disk", size=64 * 1024 * 1024)
    disk.mount()
    try:
        spool = Spool(disk.folder / "spool", max_bytes=2**30, segment_bytes=2**20)
        spool.open()
        large = [frame(Raw("touchpoints.v1", b"k", urandom(100_000), 1))]
        spool.append(large)
        disk.fill(left=16 * 1024)
        assert not spool.has_room(100_000)
        with pytest.raises(Full):
            spool.append(large)
        disk.free()
        spool.append(large)
        assert (spool.records, spool.damaged) == (2, 0)
        spool.close()
    finally:
        disk.unmount()
    assert not disk.is_mounted()


def test_a_process_has_a_wall_clock_of_its_own_and_the_monotonic_one_of_all(tmp_path: Path) -> None:
    clock = tmp_path / "clock"
    faketime.set_clock(clock, seconds=-7_200)

    def read(extra: dict[str, str]) -> list[float]:
        argv = [sys.executable, "-c", CLOCKS]
        done = subprocess.run(argv, env=environ | extra, capture_output=True, text=True, check=True)
        return [float(number) for number in done.stdout.split()]

    here, there = read({}), read(faketime.variables(clock))
    assert here[0] - there[0] == pytest.approx(7_200, abs=30)
    assert there[1:] == pytest.approx(here[1:], abs=30)


async def _execute(dsn: str, statement: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
