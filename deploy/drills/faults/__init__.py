"""Every kind of fault that a drill makes: all of them in `ALL` or `ON_DEMAND`."""

from typing import Final

from deploy.drills.fault import Fault
from deploy.drills.faults import catching, cutting, dying, poison, restarting, sleeping, vendors
from deploy.drills.faults.clock_jump import ClockJump
from deploy.drills.faults.failover import Failover
from deploy.drills.faults.kafka_full import KafkaFull
from deploy.drills.faults.spool_full import SpoolFull
from deploy.drills.faults.upgrade import Upgrade

ALL: Final[tuple[Fault, ...]] = (
    *dying.FAULTS,
    *catching.FAULTS,
    *sleeping.FAULTS,
    *restarting.FAULTS,
    *cutting.FAULTS,
    *vendors.FAULTS,
    *poison.FAULTS,
    ClockJump(),
    Failover(),
    KafkaFull(),
    SpoolFull(),
)
ON_DEMAND: Final[tuple[Fault, ...]] = (Upgrade(),)
"""Only when they are named: what comes before an upgrade strikes the release before."""


def named(names: str | None) -> tuple[Fault, ...]:
    """Those of a list with commas; all of them without one.

    Raises:
        LookupError: naming what there is.
    """
    if not names:
        return ALL
    known = {fault.name: fault for fault in (*ALL, *ON_DEMAND)}
    wanted = [name.strip() for name in names.split(",")]
    if unknown := [name for name in wanted if name not in known]:
        raise LookupError(f"no fault {', '.join(unknown)}; there are {', '.join(sorted(known))}")
    return tuple(known[name] for name in wanted)
