"""What the tagging headers say of a hit."""

import pytest

from processors.engine.kafka import Raw
from processors.engine.sealing import Sealer
from processors.gateway import sst
from processors.gateway.door import Accepted, Door, Outcome, Rejection
from tests.unit.gateway.asking import NOW

HIT = Accepted(0, "e-1", Raw("pixel_events.v1", b"k", b"{}", NOW))


@pytest.mark.parametrize(
    ("platforms", "accepted", "vendors", "relay"),
    [
        (("ga4", "meta", "sgtm"), [HIT], b"ga4,meta", b"on"),
        (("ga4",), [HIT], b"ga4", b"off"),
        ((), [HIT], b"", b"off"),
        (("ga4", "sgtm"), [], b"", b"off"),
    ],
)
def test_headers_tell_what_was_taken_and_where_it_goes(
    platforms: tuple[str, ...], accepted: list[Accepted], vendors: bytes, relay: bytes
) -> None:
    door = Door("demo", False, NOW, Sealer(bytes(range(64))), platforms=platforms)
    found = dict(sst.headers(Outcome(accepted, [Rejection(1, "url", "is wrong")]), door))
    assert found == {
        b"x-sst-accepted": b"%d" % len(accepted),
        b"x-sst-rejected": b"1",
        b"x-sst-vendors": vendors,
        b"x-sst-relay": relay,
    }
