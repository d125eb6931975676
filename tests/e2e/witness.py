"""Who says whether all went well: the oracle, the conservation of records, and the platforms."""

import json

from deploy.drills import purchases
from deploy.drills.purchases import Accepted
from tests.e2e.stack import Stack
from tests.oracle.judge import judge
from tests.oracle.tables import Served
from tests.oracle.views.books import Cells
from tests.support.served import read


async def verdict(stack: Stack, *, cells: Cells | None = None) -> list[str]:
    """Everything that is wrong with a drained stack, in words; nothing when all is well. The views
    of the analyst are asked of these models and windows: what they read is judged anyway."""
    differences, _ = await judge(bootstrap=stack.bootstrap, prefix="", dsn=stack.dsn, cells=cells)
    told = await purchases.faults({**stack.environment, "DATABASE_URL": stack.dsn})
    return [*stack.wrong, *differences, *_conserved(stack), *told]


async def tables(stack: Stack) -> Served:
    """The served tables as they are."""
    return await read(stack.dsn)


async def accepted(stack: Stack) -> Accepted:
    """Ask every simulator."""
    return await purchases.accepted(stack.environment)


def _conserved(stack: Stack) -> list[str]:
    """Every record is accounted for, and none is dead, since what the gateway took is good."""
    done = stack.run("conserve", "--json")
    if not done.stdout:
        return [f"conserve: {done.stderr}"]
    report = json.loads(done.stdout)
    dead = [f"dead letters: {line}" for line in report["lines"] if line["dead"]]
    assert (done.returncode == 0) == report["exact"]
    return [*report["faults"], *dead]
