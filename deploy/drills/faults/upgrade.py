"""A rolling upgrade between two schema versions, under load.

The stack starts with the release before this one (`deploy.drills.release`), its migrations and its
processes. The strike is what deploy/README.md tells an operator: `migrate` of the new release while
the old one works, `topics`, then each process replaced one after the other, who reads before who
writes, so that a new form of a record is known to its readers first. Expected: the gateway never
stops taking events, the old processes wait where a table is held, and none ends by itself.
"""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from deploy.drills import release
from deploy.drills.fault import Field, Layout, Left
from deploy.local.jars import PROJECT


class Upgrade:
    """Strikes the whole stack, once; `seconds` is how long both releases work side by side before
    each further process is replaced."""

    name = "upgrade"
    bound_seconds = 60.0
    seconds = (1.0, 3.0)

    def targets(self, _: Layout) -> Sequence[str]:
        """All of it."""
        return ["release"]

    async def prepare(self, folder: Path) -> None:
        """The older release's tree.

        Raises:
            LocalStackError: where there is no history to take it from.
        """
        release.check_out(release.before(), folder / "release")

    def tree(self, folder: Path) -> Path:
        """What all of ours run from until the strike, jobs and commands too."""
        [tree] = (folder / "release").iterdir()
        return tree

    async def strike(self, field: Field, _: str, seconds: float) -> Left:
        """Migrate, then replace one after the other.

        Raises:
            RuntimeError: when there is nothing to upgrade, or a command fails.
        """
        old, new = str(self.tree(field.folder)), str(PROJECT)
        if field.environment.get(release.PATH) != old:
            raise RuntimeError("the stack does not run an older release")
        field.environment[release.PATH] = new
        await field.command("migrate")
        await field.command("topics")
        layout = field.layout
        schedulers = [name for name in layout.others if name != "simulators"]
        names = (*reversed(layout.workers), *schedulers, *layout.gateways)
        for name in names:
            await asyncio.sleep(seconds)
            path = field.environment_of(name)[release.PATH].replace(old, new)
            await field.restart(name, environment={release.PATH: path})
        lacked = len(release.before().lacks)
        return Left(notes=(f"{lacked} migrations, {len(names)} processes replaced",))
