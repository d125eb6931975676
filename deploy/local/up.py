"""Start everything on this machine and say what runs where.

Running it twice is harmless: the second time it says so. A start that fails names the service,
shows the end of its log, says what to do, and leaves nothing running.
"""

import fcntl
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console

from deploy.local import jars
from deploy.local.credentials import generated_keys
from deploy.local.demo_tenant import demo_key, shop_key
from deploy.local.down import stop_all
from deploy.local.envfile import read_env, write_env
from deploy.local.folder import StackFolder
from deploy.local.machine import require_java
from deploy.local.plan import Plan, write_plan
from deploy.local.postgres_programs import find_programs
from deploy.local.process import kill_group
from deploy.local.progress import wait_for_all
from deploy.local.services import SERVERS, SHOP, SHOP_URL, Scale, build_plan, outside_servers
from deploy.local.statefile import State, read_state
from deploy.local.status import table


@dataclass(frozen=True, kw_only=True)
class Stack:
    """A stack that is up."""

    folder: StackFolder
    state: State
    environment: Mapping[str, str]
    was_up: bool


def up(
    *,
    replicas: int = 1,
    gateways: int = 1,
    folder: StackFolder | None = None,
    processors: Sequence[str] | None = None,
    console: Console | None = None,
) -> Stack:
    """Start what is missing, wait until all is ready, print the table.

    Raises:
        LocalStackError: with a message for the terminal; nothing that was started still runs.
    """
    folder, console = folder or StackFolder(), console or Console()
    scale = Scale(replicas=replicas, gateways=gateways)
    with _alone(folder):
        return _up(folder, scale=scale, processors=processors, console=console)


def _up(
    folder: StackFolder,
    *,
    scale: Scale,
    processors: Sequence[str] | None,
    console: Console,
) -> Stack:
    state = read_state(folder.state)
    if state is not None and state.is_up():
        return _already_up(folder, state=state, scale=scale, console=console)
    stop_all(folder)  # children of a supervisor that was killed
    outside = outside_servers(folder, os.environ)
    _require_programs(outside, console=console)
    plan = build_plan(
        folder,
        processors=_registered() if processors is None else processors,
        scale=scale,
        outside=outside,
        keys=generated_keys(folder.secrets),
    )
    return start(folder, plan=plan, console=console)


def start(folder: StackFolder, *, plan: Plan, console: Console) -> Stack:
    """Run the plan in a folder in which nothing runs, and wait until all is ready.

    Raises:
        LocalStackError: as `up`.
    """
    _set_logs_aside(folder)
    write_plan(folder.plan, plan)
    supervisor = launch_supervisor(folder)
    try:
        state = wait_for_all(folder, supervisor=supervisor, say=console.print)
        environment = _write_environment(folder, plan)
    except BaseException:
        stop_all(folder)
        kill_group(supervisor)  # in case that it had not yet written who it is
        raise
    console.print(table(state, environment=environment))
    _tell(folder, environment=environment, console=console)
    return Stack(folder=folder, state=state, environment=environment, was_up=False)


def _tell(folder: StackFolder, *, environment: Mapping[str, str], console: Console) -> None:
    console.print(f"To use it from a shell: source {folder.env}")
    if SHOP_URL in environment:
        console.print(f"A shop to click through, and to buy in: {environment[SHOP_URL]}")


def _write_environment(folder: StackFolder, plan: Plan) -> dict[str, str]:
    environment = dict(plan.environment)
    known = read_env(folder.env)
    key = known.get("ATTRIBUTARY_API_KEY")
    port = next((service.port for service in plan.services if service.name == SHOP), None)
    if port is not None:
        key = demo_key(environment, known=key)
        browser = known.get("ATTRIBUTARY_BROWSER_KEY")
        environment["ATTRIBUTARY_BROWSER_KEY"] = shop_key(environment, known=browser, port=port)
    if key is not None:
        environment["ATTRIBUTARY_API_KEY"] = key
    write_env(folder.env, environment)
    return environment


def _already_up(folder: StackFolder, *, state: State, scale: Scale, console: Console) -> Stack:
    console.print("already up")
    if state.replicas != scale.replicas:
        console.print(
            f"it runs with REPLICAS={state.replicas}; to change that: make down, "
            f"then make up REPLICAS={scale.replicas}"
        )
    environment = read_env(folder.env)
    console.print(table(state, environment=environment))
    _tell(folder, environment=environment, console=console)
    return Stack(folder=folder, state=state, environment=environment, was_up=True)


@contextmanager
def _alone(folder: StackFolder) -> Iterator[None]:
    """Two `up` at once: the second waits, and then finds the stack up."""
    folder.path.mkdir(parents=True, exist_ok=True)
    with (folder.path / "up.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _require_programs(outside: Mapping[str, str], *, console: Console) -> None:
    """Fail, or install, before anything is started."""
    if SERVERS["kafka"] not in outside:
        require_java()
        jars.ensure(console.print)
    if SERVERS["postgres"] not in outside:
        find_programs()


def _registered() -> tuple[str, ...]:
    from processors.commands.run import names

    return tuple(names())


def _set_logs_aside(folder: StackFolder) -> None:
    """A log begins with the start that it belongs to; the one before stays readable."""
    for log in folder.logs.glob("*.log"):
        log.replace(log.with_suffix(".log.1"))


def launch_supervisor(folder: StackFolder) -> int:
    """Start a supervisor that outlives this process, on the plan in the folder; return its pid."""
    folder.logs.mkdir(parents=True, exist_ok=True)
    log = str(folder.log("supervisor"))
    argv = [sys.executable, "-m", "deploy.local.supervisor", "--state", str(folder.path)]
    redirections = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644),
        (os.POSIX_SPAWN_DUP2, 1, 2),
    ]
    return os.posix_spawn(argv[0], argv, os.environ, file_actions=redirections, setsid=True)
