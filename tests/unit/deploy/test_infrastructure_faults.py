"""What the faults of servers decide without a server."""

from pathlib import Path

import pytest

from deploy.drills import faketime, release
from deploy.drills.faults import ALL, ON_DEMAND, named
from deploy.drills.faults.upgrade import Upgrade
from deploy.drills.stage import layout

OLD = {"0001_pre_a.sql": "one", "0002_pre_b.sql": "two"}


@pytest.mark.parametrize(
    ("newer", "upgraded"),
    [
        ({**OLD, "0003_pre_c.sql": "three"}, True),
        (OLD, False),
        ({**OLD, "0001_pre_a.sql": "edited", "0003_pre_c.sql": "three"}, False),
        ({**OLD, "0001_pre_aa.sql": "between"}, False),
        ({"0002_pre_b.sql": "two", "0003_pre_c.sql": "three"}, False),
    ],
)
def test_the_release_before_has_the_first_of_our_migrations_unchanged(
    newer: dict[str, str], upgraded: bool
) -> None:
    assert release.is_upgraded(OLD, newer) is upgraded
    assert not release.is_upgraded({}, newer)


def test_a_clock_is_told_its_distance_with_a_sign(tmp_path: Path) -> None:
    clock = tmp_path / "clock"
    for seconds, told in ((0, "+0\n"), (7_200, "+7200\n"), (-3_600, "-3600\n")):
        faketime.set_clock(clock, seconds=seconds)
        assert clock.read_text() == told


def test_no_drill_upgrades_unless_it_is_asked_to() -> None:
    assert [fault.name for fault in named("upgrade")] == ["upgrade"]
    assert not any(isinstance(fault, Upgrade) for fault in ALL)
    assert all(fault.targets(layout()) for fault in (*ALL, *ON_DEMAND))
