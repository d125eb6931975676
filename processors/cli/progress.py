"""How far a long command is: a bar on a terminal, a line now and then elsewhere."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)

from processors.cli.console import err

LINES = 10
"""Without a terminal, a line each time another tenth is done."""

Watch = Callable[[int, int], None]


@contextmanager
def progress(title: str, *, quiet: bool, counts: bool = True) -> Iterator[Watch]:
    """What is to be told (done, total); without `counts` only the share is shown."""
    columns = (
        TextColumn("{task.description}"), BarColumn(), *([MofNCompleteColumn()] if counts else []),
        TaskProgressColumn(), TimeRemainingColumn(),
    )  # fmt: skip
    tenths = 0

    def line(done: int, total: int) -> None:
        nonlocal tenths
        reached = LINES * done // total if total else LINES
        if reached > tenths and not quiet:
            tenths = reached
            told = f"{done:,} of {total:,}" if counts else f"{reached * 100 // LINES} %"
            err.print(f"{title}: {told}", markup=False, highlight=False)

    if quiet or not err.is_terminal:
        yield line
        return
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
