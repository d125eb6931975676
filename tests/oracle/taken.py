"""Whether what platforms were told to take back is within the bounds: nothing twice, nothing that
may not be told, no more than was paid back, no less than must be, the order's worth last, and
nothing before or without its purchase."""

from collections import defaultdict
from collections.abc import Iterable

from tests.oracle.retractions import REFUNDS, TAKES, TakenBack
from tests.oracle.tables import COLUMNS, KEY_LENGTH, Served
from tests.oracle.words import Row

_NAMES = COLUMNS["retractions"]
_LENGTH = KEY_LENGTH["retractions"]
_DEAD = frozenset({"rejected", "expired", "unknown"})
_NOT_ALLOWED = frozenset({"consent_denied", "suppressed"})


def wrongly_taken(bounds: Iterable[TakenBack], found: Served) -> list[str]:
    """What is wrong, by itself and of each order in all; `found` is a reading."""
    of = {(back.tenant, back.platform, *name): back for back in bounds for name in back.may}
    lines: list[str] = []
    told: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    rows = found["retractions"]
    for n, row in enumerate(rows):
        key = row[:_LENGTH]
        if n and key == rows[n - 1][:_LENGTH]:
            lines.append(f"  twice: {_named(row)}")
        if key not in of:
            lines.append(f"  surplus: {_named(row)}")
        else:
            back = of[key]
            told[back.tenant, back.platform, back.purchase].append(row)
            lines += _row(back, row, found.accepted)
    for back in bounds:
        lines += _order(back, told[back.tenant, back.platform, back.purchase])
    return lines


def _row(back: TakenBack, row: Row, accepted: frozenset[Row]) -> list[str]:
    """What is wrong with one by itself."""
    kind, value, state, error = row[3], row[4], row[6], row[7]
    is_accepted = (back.tenant, back.platform, back.purchase) in accepted
    is_taken = kind in TAKES.get(back.platform, ())
    expected = back.may[row[2], kind]
    lines: list[str] = []
    if expected not in (None, value):
        lines.append(f"  {_named(row)}: expected a value of {expected}")
    if state == "sent" and not is_accepted:
        lines.append(f"  before its purchase: {_named(row)}")
    if state == "sent" and not is_taken:
        lines.append(f"  where the platform has nothing for it: {_named(row)}")
    if state == "filtered" and not _may_be_kept(back, row, is_accepted, is_taken):
        lines.append(f"  not told: {_named(row)}, for {error}")
    return lines


def _may_be_kept(back: TakenBack, row: Row, is_accepted: bool, is_taken: bool) -> bool:
    """Whether it was right to tell nobody."""
    kind, error = row[3], row[7]
    if error == "not_retractable":
        return not is_taken
    if error == "conversion_not_accepted":
        return not is_accepted
    if error == "superseded":
        return bool(kind == "adjust")
    return error in _NOT_ALLOWED and not back.is_certain


def _order(back: TakenBack, told: list[Row]) -> list[str]:
    """What all of one order comes to."""
    named = f"  order {back.order} of {back.tenant} at {back.platform}"
    missing = back.must - {(row[2], row[3]) for row in told}
    lines = [f"{named}: missing {kind} {event_id}" for event_id, kind in sorted(missing)]
    if "adjust" in TAKES.get(back.platform, REFUNDS):
        return lines + _last_value(back, told, named)
    total = sum(row[4] or 0 for row in told)
    if back.least <= total <= back.most:
        return lines
    return [*lines, f"{named}: {total} taken back, expected {back.least} to {back.most}"]


def _last_value(back: TakenBack, told: list[Row], named: str) -> list[str]:
    """An adjust that died leaves the one before it standing: its own death is judged elsewhere."""
    adjusts = [row for row in told if row[3] == "adjust"]
    accepted = [row for row in adjusts if row[6] == "sent"]
    if back.worth is None or not accepted:
        return []
    if any(row[4] == back.worth and row[6] in _DEAD for row in adjusts):
        return []
    place = max(row[5] for row in accepted)
    last = {row[4] for row in accepted if row[5] == place}
    if back.worth in last:
        return []
    return [f"{named}: last said to be worth {min(last)}, expected {back.worth}"]


def _named(row: Row) -> str:
    return ", ".join(f"{c}={v!r}" for c, v in zip(_NAMES, row, strict=False) if v is not None)
