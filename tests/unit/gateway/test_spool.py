"""The spool loses nothing that was confirmed, wherever a crash or a full disk hits."""

import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.engine.kafka import Raw
from processors.engine.settings import Incomplete
from processors.gateway.spool import Full, Spool, frame, frames

Opener = Callable[..., Spool]
ROWS = [Raw("touchpoints.v1", b"demo|visitor:%d" % n, b"value %d" % n, n) for n in range(9)]


@pytest.fixture
def spool() -> Iterator[Opener]:
    """Opens spools, and closes them at the end."""
    made: list[Spool] = []

    def opened(folder: Path, *, max_bytes: int = 10_000, segment_bytes: int = 150) -> Spool:
        made.append(Spool(folder, max_bytes=max_bytes, segment_bytes=segment_bytes))
        made[-1].open()
        return made[-1]

    yield opened
    for each in made:
        each.close()


def drained(of: Spool) -> list[Raw]:
    found = []
    while of.records:
        found += of.first()
        of.forget_first()
    return found


@given(st.lists(st.tuples(st.binary(), st.binary(), st.integers(0, 2**50)), max_size=8))
def test_a_frame_brings_the_record_back(given: list[tuple[bytes, bytes, int]]) -> None:
    rows = [Raw("orders.v1", key, value, at) for key, value, at in given]

    assert [raw for raw, _ in frames(b"".join(map(frame, rows)))] == rows


def test_a_record_of_a_trace_keeps_it_and_its_neighbours_have_none() -> None:
    rows = [*ROWS[:1], ROWS[1]._replace(traceparent=f"00-{1:032x}-{1:016x}-01"), *ROWS[2:3]]

    assert [raw for raw, _ in frames(b"".join(map(frame, rows)))] == rows


def test_records_come_back_in_order_over_several_segments(tmp_path: Path, spool: Opener) -> None:
    first = spool(tmp_path)
    for row in ROWS[:5]:
        first.append([frame(row)])
    first.close()
    second = spool(tmp_path)
    second.append([frame(row) for row in ROWS[5:]])

    assert second.records == 9
    assert drained(second) == ROWS
    assert second.size == 0
    assert list(tmp_path.glob("*.spool")) == []


def test_what_is_appended_during_a_refill_is_kept(tmp_path: Path, spool: Opener) -> None:
    made = spool(tmp_path)
    made.append([frame(ROWS[0])])
    reading = made.first()
    made.append([frame(ROWS[1])])
    made.forget_first()

    assert reading == ROWS[:1]
    assert drained(made) == ROWS[1:2]


def test_a_torn_last_record_is_cut_off_at_every_byte(tmp_path: Path, spool: Opener) -> None:
    whole = b"".join(map(frame, ROWS[:3]))
    ends = [after for _, after in frames(whole)]
    for cut in range(len(whole)):
        folder = tmp_path / str(cut)
        folder.mkdir()
        (folder / "0000000000000001.spool").write_bytes(whole[:cut])
        made = spool(folder)
        made.append([frame(ROWS[5])])

        assert drained(made) == [*ROWS[: sum(end <= cut for end in ends)], ROWS[5]]
        assert made.damaged == 0
        made.close()


def test_damage_in_the_middle_is_kept_for_a_human(tmp_path: Path, spool: Opener) -> None:
    made = spool(tmp_path, segment_bytes=1)
    for row in ROWS[:3]:
        made.append([frame(row)])
    made.close()
    middle = sorted(tmp_path.glob("*.spool"))[1]
    middle.write_bytes(middle.read_bytes()[:-1] + b"?")
    again = spool(tmp_path)

    assert again.damaged == 1
    assert drained(again) == [ROWS[0], ROWS[2]]
    assert len(list(tmp_path.glob("*.torn"))) == 1


def test_a_full_spool_takes_nothing_and_stays_as_it_was(tmp_path: Path, spool: Opener) -> None:
    made = spool(tmp_path, max_bytes=100)
    made.append([frame(ROWS[0])])

    with pytest.raises(Full):
        made.append([frame(row) for row in ROWS])

    assert drained(made) == ROWS[:1]


@contextmanager
def room_of(size: int) -> Iterator[None]:
    """No file may grow beyond so many bytes: the kernel writes what fits, and refuses the rest."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("further", [0, 20])
def test_a_record_that_a_full_disk_refused_is_written_by_nobody_later(
    tmp_path: Path, spool: Opener, further: int
) -> None:
    made = spool(tmp_path)
    made.append([frame(ROWS[0])])
    with room_of(len(frame(ROWS[0])) + further), pytest.raises(Full):
        made.append([frame(ROWS[1])])

    assert made.damaged == 0
    assert [path.read_bytes() for path in tmp_path.glob("*.spool")] == [frame(ROWS[0])]
    made.append([frame(ROWS[2])])
    assert drained(made) == [ROWS[0], ROWS[2]]


def test_two_processes_cannot_have_one_spool(tmp_path: Path, spool: Opener) -> None:
    first = spool(tmp_path)

    with pytest.raises(Incomplete):
        spool(tmp_path)
    first.close()
    spool(tmp_path).close()
