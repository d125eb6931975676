"""What counts as drained, and how the rest is told."""

from dataclasses import replace

import pytest

from processors.commands.drain import Standing, summarise

QUIET = Standing(spools={"http://gateway": 0}, lag={"identity": 0, "credit": 0})


def test_nothing_on_its_way_is_drained() -> None:
    assert QUIET.done(deliveries=True)
    assert summarise(QUIET) == "nothing on its way"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"spools": {"http://gateway": 3}}, "3 in the spool of http://gateway"),
        ({"spools": {"http://gateway": None}}, "spool of http://gateway unknown"),
        ({"lag": {"identity": 0, "credit": 1_000}}, "credit 1,000 behind"),
        ({"dirty": 2}, "2 ids to recompute"),
        ({"sending": 1}, "1 deliveries being sent"),
        ({"unpublished": 4}, "4 outcomes to publish"),
        ({"moved": True}, "still moving"),
        ({"unreachable": "KafkaConnectionError: no"}, "waiting for a server: KafkaConnection"),
    ],
)
def test_anything_on_its_way_is_not_drained_and_is_told(
    change: dict[str, object], told: str
) -> None:
    standing = replace(QUIET, **change)  # type: ignore[arg-type]
    assert not standing.done(deliveries=False)
    assert told in summarise(standing)


def test_waiting_deliveries_are_waited_for_only_when_asked() -> None:
    parked = replace(QUIET, waiting=7)
    assert parked.done(deliveries=False)
    assert not parked.done(deliveries=True)
    assert summarise(parked) == "7 deliveries queued or parked"
