"""Which touches an order did not count, and why: every one of the person, and those of the ids
that were cut off. The why comes from the rule that credit uses (domain/attribution/verdicts.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np

import sql
from processors.commands.explanation import LeftOut, LeftOutTouch
from processors.commands.joints import Joint
from processors.domain.attribution import WINDOWS, CreditSettings
from processors.domain.attribution.verdicts import REASONS, reason, verdicts
from processors.engine.postgres import Connection, Row

QUERIES: Final = sql.load("operations")
SHOWN: Final = 50
"""Of the touches with one reason the newest are named, the others counted."""

PEOPLE_SHOWN: Final = 20
"""So many of the people that were cut off are looked at."""

NOT_YET: Final = "not_yet_credited"
PENDING: Final = "order_pending"
SUPPRESSED: Final = "suppressed"
QUARANTINED: Final = "quarantined_id"
UNLINKED: Final = "unlinked_id"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The order that asks; `counted` are the touches that its credit has."""

    tenant: str
    converted_at: datetime
    converted_ms: int
    settings: CreditSettings
    is_pending: bool
    is_suppressed: bool
    counted: frozenset[str]


async def of_person(conn: Connection, asked: Asked, person: str) -> tuple[LeftOut, ...]:
    """The person's own touches that do not count, by reason."""
    anchors = await _ids_of(conn, asked.tenant, person)
    told = await _verdicts(conn, asked, anchors)
    places: dict[str | None, list[int]] = {}
    for place, verdict in enumerate(told):
        why = PENDING if asked.is_pending else reason(verdict)
        if why is None and asked.is_suppressed:
            why = SUPPRESSED
        places.setdefault(why, []).append(place)
    left: list[LeftOut] = []
    counting = await _named(conn, asked, anchors, places.get(None, ()), told)
    late = tuple(touch for touch in counting if touch.touchpoint_id not in asked.counted)
    if late:
        left.append(LeftOut(reason=NOT_YET, total=len(late), newest=late[:SHOWN]))
    for why in (*REASONS, PENDING, SUPPRESSED):
        if of_reason := places.get(why):
            newest = await _named(conn, asked, anchors, of_reason[-SHOWN:], told)
            left.append(LeftOut(reason=why, total=len(of_reason), newest=newest))
    return tuple(left)


async def of_cut(
    conn: Connection,
    asked: Asked,
    *,
    own: str | None,
    quarantined: Sequence[str],
    cut: Sequence[Joint],
) -> tuple[LeftOut, ...]:
    """The touches of ids that the order or its person was seen with and that join nobody."""
    shared: dict[str, Joint | None] = dict.fromkeys(quarantined)
    for joint in cut:
        if joint.quarantined is not None and joint.quarantined not in shared:
            shared[joint.quarantined] = joint
    left: list[LeftOut] = []
    for node, found in list(shared.items())[:PEOPLE_SHOWN]:
        left += await _cut_off(conn, asked, [node], QUARANTINED, found)
    apart = {j.other_person_id: j for j in reversed(cut) if j.state == "unlinked"}
    for person, joint in sorted(apart.items())[:PEOPLE_SHOWN]:
        if person != own:
            anchors = await _ids_of(conn, asked.tenant, person)
            left += await _cut_off(conn, asked, anchors, UNLINKED, joint)
    return tuple(left)


async def _cut_off(
    conn: Connection, asked: Asked, anchors: Sequence[str], why: str, joint: Joint | None
) -> list[LeftOut]:
    told = await _verdicts(conn, asked, anchors)
    if not told:
        return []
    places = list(range(len(told)))[-SHOWN:]
    newest = await _named(conn, asked, anchors, places, told)
    return [LeftOut(reason=why, total=len(told), newest=newest, joint=joint)]


async def _ids_of(conn: Connection, tenant: str, person: str) -> list[str]:
    rows = await conn.fetch(QUERIES["person_ids"], tenant, person)
    return [row["node"] for row in rows if not row["quarantined"]]


async def _verdicts(conn: Connection, asked: Asked, anchors: Sequence[str]) -> list[int]:
    """One a touch of these ids, oldest first."""
    row = await conn.fetchrow(QUERIES["anchored_times"], asked.tenant, anchors)
    if row is None or row["occurred_at"] is None:
        return []
    found: list[int] = verdicts(
        converted_at=asked.converted_ms,
        occurred_at=np.array(row["occurred_at"], dtype=np.int64),
        is_view=np.array(row["is_view"], dtype=np.bool_),
        is_bot=np.array(row["is_bot"], dtype=np.bool_),
        settings=asked.settings,
    ).tolist()
    return found


async def _named(
    conn: Connection,
    asked: Asked,
    anchors: Sequence[str],
    places: Sequence[int],
    told: Sequence[int],
) -> tuple[LeftOutTouch, ...]:
    """The touches at these places, newest first."""
    if not places:
        return ()
    rows = await conn.fetch(QUERIES["anchored_touches"], asked.tenant, anchors, places)
    return tuple(_touch(row, asked, told) for row in rows)


def _touch(row: Row, asked: Asked, told: Sequence[int]) -> LeftOutTouch:
    verdict = told[row["place"]]
    return LeftOutTouch(
        touchpoint_id=row["touchpoint_id"],
        event_id=row["event_id"],
        anchor=row["anchor"],
        occurred_at=row["occurred_at"],
        age=asked.converted_at - row["occurred_at"],
        type=row["touchpoint_type"],
        channel=row["channel"],
        platform=row["platform"],
        campaign=row["campaign"],
        from_window=WINDOWS[verdict] if reason(verdict) is None else None,
    )
