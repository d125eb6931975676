"""A small drill of each kind of trouble, and the planted bugs that drills must see."""

import pytest
from rich.console import Console

from deploy.drills.faults import ALL, named
from deploy.drills.plants import PLANTS
from deploy.drills.run import Drill, run

pytestmark = pytest.mark.heavy

EVENTS = 8_000


def test_a_drill_of_every_kind_of_fault_is_green() -> None:
    outcome = run(Drill(seed=5, events=EVENTS, faults=ALL), console=Console(quiet=True))
    assert outcome.wrong == []
    assert {name: wrong for name, wrong in outcome.verdict.wrong.items() if wrong} == {}


@pytest.mark.parametrize("name", sorted(PLANTS))
def test_a_drill_sees_a_planted_bug(name: str) -> None:
    plant = PLANTS[name]
    drill = Drill(
        seed=3,
        events=EVENTS,
        faults=named(plant.faults),
        times=3,
        only=tuple(filter(None, plant.targets.split(","))),
        plant=name,
    )
    assert not run(drill, console=Console(quiet=True)).verdict.green
