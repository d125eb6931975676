"""Every kind of fault that a drill makes: a module each, all of them in `ALL`."""

from typing import Final

from deploy.drills.fault import Fault
from deploy.drills.faults import catching, cutting, dying, poison, restarting, sleeping, vendors

ALL: Final[tuple[Fault, ...]] = (
    *dying.FAULTS,
    *catching.FAULTS,
    *sleeping.FAULTS,
    *restarting.FAULTS,
    *cutting.FAULTS,
    *vendors.FAULTS,
    *poison.FAULTS,
)


def named(names: str | None) -> tuple[Fault, ...]:
    """Those of a list with commas; all of them without one.

    Raises:
        LookupError: naming what there is.
    """
    if not names:
        return ALL
    known = {fault.name: fault for fault in ALL}
    wanted = [name.strip() for name in names.split(",")]
    if unknown := [name for name in wanted if name not in known]:
        raise LookupError(f"no fault {', '.join(unknown)}; there are {', '.join(sorted(known))}")
    return tuple(known[name] for name in wanted)
