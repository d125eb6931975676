"""`make demo`: start everything, play a day (or a file), wait, show what came of it, and stay up;
with EXIT=1 judge it, tear down, and tell by the exit code."""

import asyncio
import os
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

from rich.console import Console

from deploy.demo import acts, judge, learning, outage, platforms, report, story_report, tenants
from deploy.demo.day import Day, day
from deploy.demo.lines import BadLine, read_lines
from deploy.demo.play import GatewayAway
from deploy.demo.shops import NEW_YORK
from deploy.demo.story import Story
from deploy.local.down import down
from deploy.local.failure import LocalStackError
from deploy.local.folder import StackFolder
from deploy.local.services import SHOP_URL
from deploy.local.up import Stack, up
from processors.commands.conserve import conserve
from processors.commands.drain import DrainReport
from processors.engine.clock import wall_clock
from processors.engine.cluster import Cluster
from processors.engine.postgres import Database

SEED: Final = 20


def demo(
    *, exit: bool, input: Path | None, replicas: int, folder: StackFolder | None = None
) -> int:
    """Run the demo; returns the exit code.

    0 when all was answered as it must be, the log drained and everything is accounted for; with
    `exit` also only when the tables equal the oracle's and no platform counted an event twice.
    """
    console = Console()
    try:
        file = Day(requests=read_lines(input)) if input else None
        os.environ.setdefault(*outage.RECOVERY)
        stack = up(replicas=replicas, folder=folder, console=console)
        try:
            faults = asyncio.run(_demo(console, stack, file, judged=exit))
        finally:
            if exit:
                down(folder=stack.folder, console=console)
    except (LocalStackError, BadLine, GatewayAway, OSError) as error:
        console.print(str(error), style="red", markup=False)
        return 1
    for fault in faults:
        console.print(fault, style="red", markup=False, soft_wrap=True)
    if exit and not faults:
        equal = " and equals the oracle" if judge.has_oracle() else "; the oracle is not here"
        console.print(f"[green]everything is accounted for{equal}[/green]")
    return 1 if faults else 0


async def _demo(console: Console, stack: Stack, file: Day | None, *, judged: bool) -> list[str]:
    environment = {**os.environ, **stack.environment}
    told = file or day(seed=SEED, now=wall_clock())
    names = {request.tenant for request in told.requests} | {NEW_YORK.tenant}
    kept = stack.folder.path / "demo.json"
    accesses = await asyncio.to_thread(tenants.ensure, names, environment=environment, kept=kept)
    url = environment["DATABASE_URL"]
    db = await Database.connect(url, application_name="attributary-demo", max_size=4)
    try:
        async with Cluster(environment["KAFKA_BOOTSTRAP_SERVERS"]) as cluster:
            scene = acts.Scene(
                console=console,
                gateway=environment["GATEWAY_URL"],
                accesses=accesses,
                cluster=cluster,
                db=db,
            )
            return await _perform(scene, told, environment=environment, judged=judged, stack=stack)
    finally:
        await db.close()


async def _perform(
    scene: acts.Scene, told: Day, *, environment: Mapping[str, str], judged: bool, stack: Stack
) -> list[str]:
    """Play, wait, show, judge; returns what is wrong."""
    console, db = scene.console, scene.db
    await acts.until_known(scene.gateway, scene.accesses)
    seen: outage.Outage | None = None
    async with AsyncExitStack() as around:
        await around.enter_async_context(acts.watching(scene.loaded, db))
        if told.story is not None:
            during = outage.during(environment, _senders(stack))
            seen = await around.enter_async_context(during)
        await acts.play(scene, told.requests)
        drained = await acts.until_drained(scene)
    if told.story is not None:
        async with acts.watching(scene.quiet, db):
            await acts.play_quietly(scene, (*told.story.before, *told.closing))
            drained = await acts.until_drained(scene)
    tenant = told.requests[0].tenant if told.requests and not told.story else NEW_YORK.tenant
    order_id: str | None
    if told.story is not None:
        drained, order_id = await _tell(scene, told.story), told.story.order_id
        found = await learning.train(tenant, environment=environment)
        if found["promotion"] == "promoted":
            drained = await acts.until_drained(scene)
        await report.summary(console, db, tenant=tenant)
        await learning.told(console, db, found)
    else:
        await report.summary(console, db, tenant=tenant)
        order_id = await report.one_order(console, db, tenant=tenant)
    conserved = await conserve(cluster=scene.cluster, db=db, gateways=[scene.gateway])
    tallies = await platforms.tallies(db, environment)
    report.deliveries(console, tallies, seen)
    report.conserved(console, conserved)
    report.latency(console, loaded=scene.loaded.seconds, quiet=scene.quiet.seconds)
    faults = [*scene.wrong, *judge.of_records(drained, conserved), *platforms.faults(tallies)]
    faults += outage.faults(seen) if seen is not None else []
    if judged:
        console.print("asking the platforms and the oracle")
        faults += await judge.of_platforms(environment)
        if judge.has_oracle():
            faults += await asyncio.to_thread(judge.of_oracle, environment)
    else:
        shop = environment.get(SHOP_URL)
        report.further(console, env=stack.folder.env, order_id=order_id, tenant=tenant, shop=shop)
    return faults


def _senders(stack: Stack) -> list[str]:
    """Where the replicas that send tell their metrics."""
    return [
        row.ready_url.removesuffix("readyz") + "metrics"
        for row in stack.state.rows
        if row.name.partition("-")[0] == "fanout" and row.ready_url
    ]


async def _tell(scene: acts.Scene, story: Story) -> DrainReport:
    """One order before and after what came in later, and what that changed."""
    before = await story_report.explained(scene.console, scene.db, story)
    story_report.told(scene.console, story)
    await acts.play_quietly(scene, [request for _, request in story.after])
    drained = await acts.until_drained(scene)
    after = await story_report.explained(scene.console, scene.db, story)
    for line in story_report.differences(before, after):
        scene.console.print(f"  {line}", markup=False)
    return drained
