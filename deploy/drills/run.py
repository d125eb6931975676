"""One drill from the first process to the verdict."""

import asyncio
import os
import tempfile
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from time import monotonic
from typing import Final

import uvloop
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)

from deploy.demo import acts
from deploy.drills import power, release
from deploy.drills.fault import NOTHING, Fault, Struck
from deploy.drills.faults import ALL
from deploy.drills.faults.upgrade import Upgrade
from deploy.drills.field import StackField
from deploy.drills.load import Load
from deploy.drills.plants import PLANTS, planted
from deploy.drills.recovery import recovered
from deploy.drills.schedule import Moment, schedule, usual
from deploy.drills.stage import Costume, Stage, layout, stage
from deploy.drills.verdict import Verdict, reach
from deploy.local.jars import PROJECT
from deploy.local.services import GATEWAY

DRAIN_SECONDS: Final = 1_500.0
_AFTER_BOUND: Final = 3.0
"""A stack that misses its bound is waited for this many times as long, to tell late from never."""


@dataclass(frozen=True, kw_only=True)
class Drill:
    """What is to be done."""

    seed: int
    events: int
    faults: tuple[Fault, ...]
    times: int | None = None
    only: tuple[str, ...] = ()
    plant: str | None = None

    @property
    def strikes(self) -> int:
        """Each kind so many times; else of some kinds each once, of all as many as is usual."""
        if self.times is None and len(self.faults) >= len(ALL):
            return usual(self.events)
        return len(self.faults) * (self.times or 1)

    def moments(self) -> tuple[Moment, ...]:
        """Its schedule."""
        return schedule(
            self.seed,
            events=self.events,
            faults=self.faults,
            layout=layout(),
            strikes=self.strikes,
            only=self.only,
        )


@dataclass(slots=True)
class Outcome:
    """How it went; times in seconds."""

    struck: list[Struck] = field(default_factory=list)
    verdict: Verdict = field(default_factory=Verdict)
    wrong: list[str] = field(default_factory=list)
    sent: int = 0
    receipts: int = 0
    spooled: int = 0
    sent_again: int = 0
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def green(self) -> bool:
        """Whether nothing is wrong."""
        return not self.wrong and self.verdict.green


def run(drill: Drill, *, console: Console, keep: Path | None = None) -> Outcome:
    """The drill, in a folder of its own that is gone afterwards, unless `keep` names one.

    Raises:
        LocalStackError: when the stack does not start.
    """
    with tempfile.TemporaryDirectory(prefix="attributary-drill-") as made:
        Path(made).chmod(0o755)  # the database's account has to pass through
        folder = keep or Path(made)
        folder.mkdir(parents=True, exist_ok=True)
        return uvloop.run(_prepared(drill, folder, console))


async def _prepared(drill: Drill, folder: Path, console: Console) -> Outcome:
    async with AsyncExitStack() as tidying:
        for fault in drill.faults:
            if (prepare := getattr(fault, "prepare", None)) is not None:
                await prepare(folder)
            if (clear := getattr(fault, "clear", None)) is not None:
                tidying.push_async_callback(clear, folder)
        began = monotonic()
        with stage(folder, console=Console(quiet=True), costume=_costume(drill, folder)) as found:
            outcome = Outcome()
            outcome.seconds["start"] = round(monotonic() - began, 1)
            await acts.until_known(found.field.environment["GATEWAY_URL"], found.accesses)
            await _play(drill, found, outcome, console)
            return outcome


def _costume(drill: Drill, folder: Path) -> Costume:
    """Gateways note their syncs; with a plant all of ours run from a tree that has the bug, and
    before an upgrade from that of the older release."""
    noting = power.costume(folder / "synced")
    older = [fault.tree(folder) for fault in drill.faults if isinstance(fault, Upgrade)]
    if older:
        old = release.variables(older[0])
        paths = f"{noting[release.PATH]}{os.pathsep}{old[release.PATH]}"
        gateway = noting | {release.PATH: paths}
        return Costume(commands=old, everywhere=old, of={GATEWAY: gateway})
    if drill.plant is None:
        return Costume(of={GATEWAY: noting})
    tree = planted(PLANTS[drill.plant], folder / "tree")
    path = f"{tree}{os.pathsep}{PROJECT}"
    safe = {"PYTHONSAFEPATH": "1"}  # or the working directory's packages would win
    with_notes = noting | {"PYTHONPATH": f"{noting['PYTHONPATH']}{os.pathsep}{path}"}
    return Costume(everywhere=safe | {"PYTHONPATH": path}, of={GATEWAY: with_notes})


async def _play(drill: Drill, found: Stage, outcome: Outcome, console: Console) -> None:
    stack = found.field
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
    )
    with bar:
        task = bar.add_task("events", total=drill.events)
        load = Load(
            drill.seed,
            events=drill.events,
            gateway=stack.environment["GATEWAY_URL"],
            accesses=found.accesses,
            step=lambda items: bar.advance(task, items),
        )
        began = monotonic()
        await _strike_all(drill, stack, load, outcome, bar, task)
        outcome.seconds["load"] = round(monotonic() - began, 1)
        restarts = {row.name: row.restarts for row in stack.rows()}
        bar.update(task, description="draining")
        began = monotonic()
        try:
            timeout = ("--timeout", str(DRAIN_SECONDS))
            await stack.command("drain", *timeout, "--deliveries")
        except RuntimeError as error:
            outcome.wrong.append(str(error))
        outcome.seconds["drain"] = round(monotonic() - began, 1)
        bar.update(task, description="judging")
        outcome.sent, outcome.sent_again = load.sent, load.player.played.sent_again
        outcome.receipts, outcome.spooled = load.receipts.count, load.receipts.spooled
        outcome.wrong += load.player.played.wrong
        outcome.verdict = await reach(
            stack, load.receipts, outcome.struck, events=drill.events, restarts=restarts
        )


async def _strike_all(
    drill: Drill, stack: StackField, load: Load, outcome: Outcome, bar: Progress, task: TaskID
) -> None:
    """The load from strike to strike; it goes on, slowly, until the stack has recovered."""
    moments = drill.moments()
    faults = {fault.name: fault for fault in drill.faults}
    ends = [*(moment.at for moment in moments[1:]), drill.events]
    await load.until(moments[0].at if moments else drill.events)
    for moment, end in zip(moments, ends, strict=True):
        load.slow = True
        playing = asyncio.create_task(load.until(end))
        bar.update(task, description=f"{moment.fault} {moment.target}")
        try:
            struck = await _strike(faults[moment.fault], moment, stack)
        finally:
            load.slow = False
        outcome.struck.append(struck)
        bar.update(task, description="events")
        bar.console.print(_told(struck), highlight=False, markup=False)
        outcome.wrong += _late(struck, faults[moment.fault])
        await playing


async def _strike(fault: Fault, moment: Moment, stack: StackField) -> Struck:
    began, left, wrong = monotonic(), NOTHING, None
    stack.rng = Random(moment.seed)  # noqa: S311  (the same again is the point)
    try:
        left = await fault.strike(stack, moment.target, moment.seconds)
    except Exception as error:  # what a strike meets is a finding, not the end of the drill
        wrong = f"{type(error).__name__}: {error}"
    seconds = monotonic() - began
    return Struck(
        fault=fault.name,
        target=moment.target,
        at=moment.at,
        seconds=round(seconds, 1),
        recovered=await recovered(stack, within=_AFTER_BOUND * fault.bound_seconds),
        left=left,
        wrong=wrong,
    )


def _told(struck: Struck) -> str:
    back = "not recovered" if struck.recovered is None else f"well after {struck.recovered:.1f} s"
    return f"{struck.at:>9,}  {struck.fault} {struck.target}: {struck.seconds:.1f} s, {back}"


def _late(struck: Struck, fault: Fault) -> Sequence[str]:
    what = f"{struck.fault} {struck.target} after {struck.at:,} events"
    found = [f"{what}: {struck.wrong}"] if struck.wrong else []
    if struck.recovered is None:
        return [*found, f"{what}: not recovered"]
    if struck.recovered > fault.bound_seconds:
        return [*found, f"{what}: recovered after {struck.recovered:.0f} s only"]
    return found
