"""Shadow replays as an operator asks for them: processes, texts, JSON, exit codes, SIGKILL."""

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import Callable

import pytest
from typer.testing import CliRunner, Result

from processors.__main__ import app
from processors.cli import console
from processors.commands.operator import Refused
from processors.domain.attribution import MODELS
from tests.integration.shadow.world import TENANTS, World

TENANT = TENANTS[0]
WORKER = """
import asyncio, os, signal, sys
from processors.commands.operator import database
from processors.commands.shadow import chunks, runs

run_id, left = sys.argv[1], int(sys.argv[2])

def tick(conversions):
    global left
    left -= 1
    if not left:
        os.kill(os.getpid(), signal.SIGKILL)

async def work():
    async with database() as db:
        async with db.connection() as conn:
            job = (await runs.find(conn, run_id)).job(0)
        while await chunks.work_chunk(db, job, tick=tick, size=chunks.Size(conversions=2)):
            pass

asyncio.run(work())
"""

Command = Callable[..., Result]


@pytest.fixture
def command(past: World, monkeypatch: pytest.MonkeyPatch) -> Command:
    """`attributary shadow ...` in this process."""
    monkeypatch.setenv("DATABASE_URL", past.dsn)
    monkeypatch.setattr(console.out, "width", 140)

    def call(*arguments: str, answer: str = "") -> Result:
        return CliRunner().invoke(app, ["shadow", *arguments], input=answer)

    return call


def test_a_run_is_done_by_processes_listed_shown_and_dropped(command: Command) -> None:
    done = command("run", TENANT, "--set", "half_life_days=1", "--workers", "2", "--name", "short",
                   "--json")  # fmt: skip
    assert done.exit_code == 0, done.output
    run_id = json.loads(done.stdout)["run_id"]

    listed = [row for row in json.loads(command("list", TENANT, "--json").stdout)
              if row["run_id"] == run_id]  # fmt: skip
    assert [(r["state"], r["overrides"], r["name"]) for r in listed] == [
        ("complete", {"half_life_days": "1"}, "short")
    ]
    assert listed[0]["done"] == listed[0]["conversions"] > 10
    assert "half_life_days=1" in command("list", TENANT).stdout

    shown = json.loads(command("show", run_id, "--json").stdout)
    assert (shown["model"], shown["attribution_window"]) == ("time_decay", "30d")
    moved = {name: float(amount) for name, amount in shown["moved_by_model"].items()}
    assert {name for name, amount in moved.items() if amount} == {"time_decay"}
    changes = [float(row["revenue_difference"]) for row in shown["channels"]]
    assert any(changes)
    assert sum(changes) == pytest.approx(0, abs=1e-6)
    text = command("show", run_id, "--model", "linear").stdout
    assert "that change channel, 30d: time_decay" in text
    assert "linear, 30d" in text

    assert command("drop", run_id, "--json").exit_code == 0
    assert isinstance(command("show", run_id).exception, Refused)


def test_a_promotion_asks_first(command: Command) -> None:
    done = command("run", TENANT, "--set", "max_touches=1", "--workers", "1")
    assert "complete" in done.stdout
    run_id = done.stdout.split()[1].rstrip(":")
    asked = command("promote", run_id, answer="n\n")
    assert (asked.exit_code, "set max_touches=1?" in asked.output) == (1, True)
    states = {r["run_id"]: r["state"] for r in json.loads(command("list", TENANT, "--json").stdout)}
    assert states[run_id] == "complete"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("run", TENANT, "--set", "half_life_days"), "give each --set as key=value"),
        (("run", TENANT, "--set", "max_touches=1", "--set", "max_touches=2"), "each key once"),
        (("run", TENANT, "--since", "yesterday"), "'yesterday' is no date"),
        (("run", "nobody"), "there is no tenant nobody"),
        (("list", "nobody"), "there is no tenant nobody"),
        (("show", "nothing"), "there is no run nothing"),
        (("show", "nothing", "--model", "best"), f"best is no model; there are {MODELS[0]}"),
        (("show", "nothing", "--window", "2d"), "2d is no window"),
        (("resume", "nothing"), "there is no run nothing"),
        (("promote", "nothing"), "there is no run nothing"),
        (("drop", "nothing"), "there is no run nothing"),
    ],
)
def test_what_cannot_be_done_is_told(
    command: Command, arguments: tuple[str, ...], says: str
) -> None:
    refused = command(*arguments).exception
    assert isinstance(refused, Refused)
    assert says in str(refused)


@pytest.mark.asyncio(loop_scope="module")
async def test_a_worker_that_was_sigkilled_is_resumed_where_it_stopped(
    past: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", past.dsn)
    overrides = {"half_life_days": "1", "attribution_mode": "clicks_only"}
    unbroken = await past.written(await past.done(TENANT, overrides, ranges=1))
    run = await past.begun(TENANT, overrides, ranges=1)
    for ticks in (4, 3):
        worker = [sys.executable, "-c", WORKER, run.run_id, str(ticks)]
        ended = await asyncio.to_thread(subprocess.run, worker, check=False)
        assert ended.returncode == -signal.SIGKILL
    (standing,) = await past.rows("SELECT done FROM shadow_ranges WHERE run_id = $1", run.run_id)
    assert standing["done"] == 2 * (4 - 1 + 3 - 1)
    await past.work(run)
    assert await past.written(run) == unbroken
