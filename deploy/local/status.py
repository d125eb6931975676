"""One table of what runs where."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from deploy.local.envfile import read_env
from deploy.local.files import last_lines
from deploy.local.folder import StackFolder
from deploy.local.services import SERVERS
from deploy.local.statefile import Condition, State, read_state

_WELL: Final = (Condition.READY, Condition.DONE)
_COLOURS: Final = {
    Condition.READY: "green",
    Condition.DONE: "green",
    Condition.FAILED: "red",
    Condition.BACKOFF: "red",
}


def show(
    *,
    folder: StackFolder | None = None,
    as_json: bool = False,
    console: Console | None = None,
) -> bool:
    """Print what runs where; return whether all of it is up."""
    folder, console = folder or StackFolder(), console or Console()
    state = read_state(folder.state)
    up = state is not None and state.is_up()
    if as_json:
        rows = [asdict(row) for row in state.rows] if state is not None and up else []
        console.print_json(json.dumps({"up": up, "services": rows}))
    elif state is None or not up:
        console.print("Nothing runs here. Start it with: make up")
    else:
        console.print(table(state, environment=read_env(folder.env)))
        for row in state.rows:
            if row.condition not in _WELL:
                console.print(f"{row.name} is {row.condition}; the end of its log:", markup=False)
                console.print(last_lines(Path(row.log)), markup=False, highlight=False)
                console.print(f"mend it, then: attributary restart {row.name}", markup=False)
    return up and state is not None and all(row.condition in _WELL for row in state.rows)


def table(state: State, *, environment: Mapping[str, str]) -> Table:
    """Draw the services, and the servers that were here before us."""
    drawing = Table(title=f"Attributary, supervisor {state.pid}", title_justify="left")
    for heading in ("service", "pid", "address", "state", "restarts", "log"):
        drawing.add_column(heading, overflow="fold")
    own = {row.name for row in state.rows}
    for name, variable in SERVERS.items():
        if name not in own and variable in environment:
            address = environment[variable].rpartition("@")[2]
            drawing.add_row(name, "", address, "external", "", "")
    for row in state.rows:
        colour = _COLOURS.get(row.condition, "yellow")
        for name, url in row.serves.items() or ((row.name, row.ready_url),):
            drawing.add_row(
                name,
                str(row.pid or ""),
                _address(url),
                f"[{colour}]{row.condition}[/{colour}]",
                str(row.restarts or ""),
                _short(Path(row.log)),
            )
    return drawing


def _address(ready_url: str | None) -> str:
    if ready_url is None:
        return ""
    scheme, _, rest = ready_url.partition("://")
    host = rest.partition("/")[0]
    return f"http://{host}" if scheme == "http" else host


def _short(path: Path) -> str:
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
