"""The supervisor of the local stack: starts what dies, stops what it started, leaves no orphan."""

import io
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from deploy.local.down import stop_all
from deploy.local.failure import LocalStackError, StartFailed
from deploy.local.folder import StackFolder
from deploy.local.plan import Plan, write_plan
from deploy.local.ports import free_port
from deploy.local.process import end, identity, kill_group, wait_until
from deploy.local.progress import wait_for_all
from deploy.local.readiness import is_ready
from deploy.local.restart import restart
from deploy.local.service import Service
from deploy.local.statefile import Condition, Row, read_state, write_state
from deploy.local.status import show
from deploy.local.up import launch_supervisor


def test_a_service_that_is_killed_comes_back_on_its_port(tmp_path: Path) -> None:
    folder = StackFolder(tmp_path)
    with running(folder, web("web")):
        before = row(folder, "web")
        assert before.pid is not None
        os.kill(before.pid, signal.SIGKILL)

        eventually(lambda: row(folder, "web").restarts == 1)
        eventually(lambda: row(folder, "web").condition is Condition.READY)

        after = row(folder, "web")
        assert after.pid != before.pid
        assert after.ready_url is not None
        assert after.ready_url == before.ready_url
        assert is_ready(after.ready_url)


def test_a_changed_plan_is_followed_and_what_is_the_same_in_it_runs_on(tmp_path: Path) -> None:
    folder = StackFolder(tmp_path)
    same, changed, gone = web("same"), web("changed"), web("gone")
    with running(folder, same, changed, gone) as supervisor:
        pids = {name: row(folder, name).pid for name in ("same", "changed")}
        other = replace(changed, env={"ANOTHER": "value"})
        write_plan(folder.plan, Plan(services=(same, other, web("new")), environment={}))
        os.kill(supervisor, signal.SIGHUP)

        eventually(lambda: row(folder, "gone").condition is Condition.STOPPED)
        eventually(lambda: row(folder, "new").condition is Condition.READY)
        eventually(lambda: row(folder, "changed").pid not in (None, pids["changed"]))
        eventually(lambda: row(folder, "changed").condition is Condition.READY)
        assert row(folder, "changed").restarts == 0
        assert row(folder, "same").pid == pids["same"]


def test_services_start_in_order_and_stop_in_reverse(tmp_path: Path) -> None:
    folder = StackFolder(tmp_path)
    journal = tmp_path / "journal"
    with running(
        folder,
        journalling("server", journal),
        Service(name="job", argv=python("pass"), after=("server",), once=True),
        journalling("client", journal, after=("server", "job")),
    ) as supervisor:
        assert row(folder, "job").condition is Condition.DONE
        assert stop_all(folder) == ("server", "client")
        assert exit_code(supervisor) == 0
    assert journal.read_text().split() == ["+server", "+client", "-client", "-server"]


def test_a_killed_supervisor_takes_its_children_with_it(tmp_path: Path) -> None:
    folder = StackFolder(tmp_path)
    with running(folder, web("one"), web("two")) as supervisor:
        pids = [row(folder, name).pid for name in ("one", "two")]
        os.kill(supervisor, signal.SIGKILL)
        eventually(lambda: all(pid is not None and identity(pid) is None for pid in pids))


def test_a_second_supervisor_in_the_same_folder_is_refused(tmp_path: Path) -> None:
    folder = StackFolder(tmp_path)
    with running(folder, web("web")):
        second = launch_supervisor(folder)
        assert exit_code(second) == 1
        assert "another supervisor" in folder.log("supervisor").read_text()


def test_a_job_that_fails_is_named_with_its_last_words(tmp_path: Path) -> None:
    folder = StackFolder(tmp_path)
    failing = Service(name="migrate", argv=python("raise SystemExit('no such table')"), once=True)
    with pytest.raises(StartFailed, match="no such table") as failure, running(folder, failing):
        pass
    assert failure.value.name == "migrate"
    assert str(folder.log("migrate")) in failure.value.advice


def test_a_service_that_keeps_dying_is_given_up(tmp_path: Path) -> None:
    folder = StackFolder(tmp_path)
    ready = f"tcp://127.0.0.1:{free_port()}"
    dying = Service(name="credit", argv=python("raise SystemExit(3)"), ready_url=ready)
    words = "credit died 3 times, last with exit code 3"
    with pytest.raises(StartFailed, match=words), running(folder, dying):
        pass


def test_another_process_that_got_the_same_pid_is_left_alone() -> None:
    with subprocess.Popen(python("import signal; signal.pause()")) as bystander:
        end(bystander.pid, "a start time that is not its own", grace_seconds=0)
        assert bystander.poll() is None
        bystander.kill()


def python(code: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code)


def web(name: str) -> Service:
    port = free_port()
    argv = (sys.executable, "-m", "http.server", "--bind", "127.0.0.1", str(port))
    return Service(name=name, argv=argv, port=port, ready_url=f"http://127.0.0.1:{port}/")


def journalling(name: str, journal: Path, *, after: tuple[str, ...] = ()) -> Service:
    return Service(
        name=name,
        argv=python(
            "import pathlib, signal\n"
            "signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})\n"
            f"journal = pathlib.Path({str(journal)!r}).open('a', buffering=1)\n"
            f"print('+{name}', file=journal)\n"
            "signal.sigwait({signal.SIGTERM})\n"
            f"print('-{name}', file=journal)\n"
        ),
        after=after,
    )


@contextmanager
def running(folder: StackFolder, *services: Service) -> Iterator[int]:
    write_plan(folder.plan, Plan(services=services, environment={}))
    supervisor = launch_supervisor(folder)
    try:
        wait_for_all(folder, supervisor=supervisor, say=lambda _: None)
        yield supervisor
    finally:
        stop_all(folder)
        wait_until(lambda: identity(supervisor) is None, seconds=10)
        kill_group(supervisor)
        with suppress(ChildProcessError):
            os.waitpid(supervisor, 0)


def row(folder: StackFolder, name: str) -> Row:
    state = read_state(folder.state)
    assert state is not None
    return next(row for row in state.rows if row.name == name)


def exit_code(pid: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def eventually(condition: Callable[[], bool]) -> None:
    assert wait_until(condition, seconds=15)


def test_one_process_is_restarted_by_name_and_the_others_go_on(tmp_path: Path) -> None:
    folder, quiet = StackFolder(tmp_path), Console(quiet=True)
    with running(folder, web("web-0"), web("web-1"), web("other")):
        before = {name: row(folder, name).pid for name in ("web-0", "web-1", "other")}
        assert restart("web-0", folder=folder, console=quiet) == ("web-0",)
        assert row(folder, "web-0").pid != before["web-0"]
        assert row(folder, "web-1").pid == before["web-1"]
        assert restart("web", folder=folder, console=quiet) == ("web-0", "web-1")
        assert row(folder, "other").pid == before["other"]
        with pytest.raises(LocalStackError, match="there is no shop here; there are web-0"):
            restart("shop", folder=folder, console=quiet)
    with pytest.raises(LocalStackError, match="attributary up"):
        restart("web", folder=folder, console=quiet)


def test_the_status_of_a_stack_in_which_a_process_dies_is_not_well(tmp_path: Path) -> None:
    folder = StackFolder(tmp_path)
    with running(folder, web("web")):
        shown = Console(record=True, file=io.StringIO(), width=200)
        assert show(folder=folder, console=shown)
        state = read_state(folder.state)
        assert state is not None
        dying = replace(state.rows[0], condition=Condition.BACKOFF)
        write_state(folder.state, replace(state, rows=(dying,)))
        assert not show(folder=folder, console=shown)
        assert "attributary restart web" in shown.export_text()
