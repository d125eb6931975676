"""`python -m deploy.drills --seed N --events 50000`: one drill, its table, one JSON line.

Exit code 0 only when nothing is wrong; 1 otherwise, with the command that does it again; 2 when it
could not be held.
"""

import argparse
import dataclasses
import json
import signal
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from deploy.demo.play import GatewayAway
from deploy.drills.faults import ALL, named
from deploy.drills.plants import PLANTS, Moved
from deploy.drills.run import Drill, Outcome, run
from deploy.local.failure import LocalStackError


def main() -> int:
    """Hold it; return the exit code."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # nothing is left running then, too
    given = _parser().parse_args()
    console = Console(stderr=given.json)
    plant = PLANTS.get(given.plant) if given.plant else None
    faults = given.faults or (plant.faults if plant else None)
    only = given.targets or (plant.targets if plant and not given.faults else "")
    try:
        drill = Drill(
            seed=given.seed,
            events=given.events,
            faults=named(faults),
            times=given.times,
            only=tuple(name for name in only.split(",") if name),
            plant=given.plant,
        )
        outcome = run(drill, console=console, keep=given.folder)
    except (LocalStackError, LookupError, Moved, GatewayAway) as error:
        console.print(str(error), style="red", markup=False)
        return 2
    _show(console, drill, outcome)
    print(json.dumps(_line(drill, outcome)))
    return 0 if outcome.green else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m deploy.drills",
        description="Break a running stack by a seeded schedule, and see whether all is right.",
        epilog=f"faults: {', '.join(sorted(fault.name for fault in ALL))}",
    )
    parser.add_argument("--seed", type=int, default=1, help="of the schedule and of the load")
    parser.add_argument("--events", type=int, default=50_000, help="how many go to the gateway")
    parser.add_argument("--faults", metavar="A,B", help="only these kinds")
    parser.add_argument("--targets", metavar="A,B", help="only these, where a kind has them")
    parser.add_argument("--times", type=int, help="how often each kind strikes")
    parser.add_argument("--plant", choices=sorted(PLANTS), help="a bug that the drill must see")
    parser.add_argument("--folder", type=Path, help="where everything lies, and stays")
    parser.add_argument("--json", action="store_true", help="the JSON line alone on stdout")
    return parser


def _line(drill: Drill, outcome: Outcome) -> dict[str, object]:
    struck = [
        {name: value for name, value in dataclasses.asdict(each).items() if name != "left"}
        | {"notes": list(each.left.notes), "dead": len(each.left.dead)}
        for each in outcome.struck
    ]
    return {
        "seed": drill.seed,
        "events": drill.events,
        "plant": drill.plant,
        "green": outcome.green,
        "sent": outcome.sent,
        "receipts": outcome.receipts,
        "spooled": outcome.spooled,
        "sent_again": outcome.sent_again,
        "seconds": {**outcome.seconds, **outcome.verdict.seconds},
        "wrong": outcome.wrong,
        "witnesses": outcome.verdict.wrong,
        "struck": struck,
    }


def _show(console: Console, drill: Drill, outcome: Outcome) -> None:
    table = Table(title=f"Drill {drill.seed}", title_justify="left")
    for heading in ("after events", "fault", "target"):
        table.add_column(heading)
    for heading in ("struck s", "recovered s"):
        table.add_column(heading, justify="right")
    table.add_column("notes")
    for each in outcome.struck:
        back = "never" if each.recovered is None else f"{each.recovered:.1f}"
        notes = "; ".join([*each.left.notes, *([each.wrong] if each.wrong else [])])
        table.add_row(f"{each.at:,}", each.fault, each.target, f"{each.seconds:.1f}", back, notes)
    console.print(table)
    for what in outcome.wrong:
        console.print(what, style="red", markup=False, soft_wrap=True)
    for witness, wrong in outcome.verdict.wrong.items():
        for what in wrong:
            console.print(f"{witness}: {what}", style="red", markup=False, soft_wrap=True)
    if outcome.green:
        console.print("[green]green[/green]: every witness agrees")
    else:
        console.print(f"again: {_again(drill)}", markup=False, soft_wrap=True)


def _again(drill: Drill) -> str:
    parts = [f"python -m deploy.drills --seed {drill.seed} --events {drill.events}"]
    if len(drill.faults) < len(ALL):
        parts.append(f"--faults {','.join(fault.name for fault in drill.faults)}")
    parts += [f"--targets {','.join(drill.only)}"] if drill.only else []
    parts += [f"--times {drill.times}"] if drill.times else []
    parts += [f"--plant {drill.plant}"] if drill.plant else []
    return " ".join(parts)


if __name__ == "__main__":
    sys.exit(main())
