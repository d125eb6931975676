"""The parts of a drill that need no stack: its schedule, its plants, its power cut."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deploy.drills import power
from deploy.drills.faults import ALL, named
from deploy.drills.plants import PLANTS, Edit, Moved, planted
from deploy.drills.run import Drill
from deploy.drills.schedule import schedule, usual
from deploy.drills.stage import layout
from deploy.local.jars import PROJECT

SEEDS = st.integers(0, 2**32)


@settings(max_examples=20, deadline=None)
@given(SEEDS, st.integers(1_000, 2_000_000))
def test_a_schedule_is_a_function_of_its_seed(seed: int, events: int) -> None:
    drawn = [
        schedule(seed, events=events, faults=ALL, layout=layout(), strikes=12) for _ in range(2)
    ]
    assert drawn[0] == drawn[1]


@settings(max_examples=20, deadline=None)
@given(SEEDS)
def test_another_seed_is_another_schedule(seed: int) -> None:
    one, other = (
        schedule(each, events=50_000, faults=ALL, layout=layout(), strikes=12)
        for each in (seed, seed + 1)
    )
    assert one != other


@settings(max_examples=20, deadline=None)
@given(SEEDS, st.integers(1, 100))
def test_no_kind_of_fault_strikes_twice_before_each_has_struck_once(
    seed: int, strikes: int
) -> None:
    drawn = schedule(seed, events=50_000, faults=ALL, layout=layout(), strikes=strikes)
    assert len(drawn) == strikes
    for fault in ALL:
        mine = [moment for moment in drawn if moment.fault == fault.name]
        assert strikes // len(ALL) <= len(mine) <= -(-strikes // len(ALL))
        assert all(moment.target in fault.targets(layout()) for moment in mine)
        shortest, longest = fault.seconds
        assert all(shortest <= moment.seconds <= longest for moment in mine)


@settings(max_examples=20, deadline=None)
@given(SEEDS, st.integers(1_000, 2_000_000))
def test_strikes_come_in_order_and_before_the_load_ends(seed: int, events: int) -> None:
    drawn = schedule(seed, events=events, faults=ALL, layout=layout(), strikes=usual(events))
    places = [moment.at for moment in drawn]
    assert places == sorted(places)
    assert places[0] > 0
    assert places[-1] < events


def test_strikes_may_be_held_to_some_targets_and_repeated() -> None:
    drawn = schedule(
        1, events=1_000, faults=named("kill-worker"), layout=layout(), strikes=9, only=["credit-1"]
    )
    assert [moment.target for moment in drawn] == ["credit-1"] * 9


def test_a_drill_of_named_kinds_has_each_of_them_and_one_of_all_as_many_as_its_size_wants() -> None:
    some = named("poison,kill-pair")
    assert Drill(seed=1, events=6_000, faults=some).strikes == 2
    assert Drill(seed=1, events=6_000, faults=some, times=3).strikes == 6
    assert [Drill(seed=1, events=n, faults=ALL).strikes for n in (50_000, 1_000_000)] == [12, 54]


def test_kinds_of_faults_have_names_of_their_own() -> None:
    assert len({fault.name for fault in ALL}) == len(ALL)


def test_an_unknown_kind_is_refused_by_name() -> None:
    with pytest.raises(LookupError, match="no fault flood"):
        named("poison,flood")


@pytest.mark.parametrize("name", sorted(PLANTS))
def test_a_plant_still_fits_the_source_and_makes_python(name: str, tmp_path: Path) -> None:
    tree = tmp_path
    for edit in PLANTS[name].edits:
        (tree / edit.path).parent.mkdir(parents=True, exist_ok=True)
        (tree / edit.path).write_text((PROJECT / edit.path).read_text())
        edit.apply(tree)
        text = (tree / edit.path).read_text()
        assert text != (PROJECT / edit.path).read_text()
        compile(text, edit.path, "exec")
    assert named(PLANTS[name].faults)


def test_a_plant_that_no_longer_fits_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("one\n")
    with pytest.raises(Moved, match="0 times"):
        Edit(path="a.py", old="two\n", new="three\n").apply(tmp_path)


def test_processes_run_from_a_planted_tree(tmp_path: Path) -> None:
    tree = planted(PLANTS["commit-before-write"], tmp_path / "tree")
    path = f"{tree}{os.pathsep}{PROJECT}"
    asked = "import processors.engine.worker as w; print(w.__file__)"
    done = subprocess.run(
        [sys.executable, "-c", asked],
        cwd=PROJECT,
        env={**os.environ, "PYTHONPATH": path, "PYTHONSAFEPATH": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith(str(tree))


def test_a_power_cut_takes_what_was_not_synced(tmp_path: Path) -> None:
    spool = power.Spool(tmp_path / "spool", tmp_path / "notes")
    spool.files.mkdir()
    worn = power.costume(spool.notes)
    writing = """
import os, sys
with open(sys.argv[1], "xb", buffering=0) as file:
    file.write(b"kept")
    os.fsync(file.fileno())
    file.write(b"lost")
with open(sys.argv[2], "xb", buffering=0) as file:
    file.write(b"never synced")
"""
    files = [str(spool.files / name) for name in ("1.spool", "2.spool")]
    subprocess.run([sys.executable, "-c", writing, *files], env={**os.environ, **worn}, check=True)
    assert spool.holds()
    assert power.cut(spool) == len(b"lost") + len(b"never synced")
    assert [Path(name).read_bytes() for name in files] == [b"kept", b""]
