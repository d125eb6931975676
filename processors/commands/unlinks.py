"""What taking two ids apart, or joining them again, will do: looked up before it is commanded."""

from dataclasses import dataclass
from typing import Final

import sql
from processors.commands.joints import Joint, chains_from, joints_of
from processors.engine.postgres import Connection

QUERIES: Final = sql.load("operations")


@dataclass(frozen=True, kw_only=True)
class Effect:
    """What is known of the edge, and what will be looked at again.

    `otherwise` is the chain that keeps the two one person although their edge is cut.
    """

    is_known: bool
    people: int
    orders: int
    otherwise: tuple[Joint, ...]

    def told(self) -> str:
        """One line."""
        text = f"{_count(self.people, 'person', 'people')} and "
        text += f"{_count(self.orders, 'order', 'orders')} will be looked at again"
        if not self.is_known:
            text += "; no record has shown the two together yet, it holds from when one does"
        if self.otherwise:
            way = " = ".join((self.otherwise[0].a, *(joint.b for joint in self.otherwise)))
            text += f"; they stay one person, since {way}"
        return text


async def effect(conn: Connection, tenant: str, a: str, b: str, *, linked: bool) -> Effect:
    """The effect of a command about the edge of `a` and `b`, which are in order."""
    known = await conn.fetchval(QUERIES["edge"], tenant, a, b)
    rows = await conn.fetch(QUERIES["ids_named"], tenant, [a, b])
    people = sorted({row["person_id"] for row in rows})
    otherwise: tuple[Joint, ...] = ()
    if len(rows) == 2 and len(people) == 1 and not linked:
        joints = await joints_of(conn, tenant, people[0])
        left = [joint for joint in joints.joined if (joint.a, joint.b) != (a, b)]
        otherwise = chains_from([a], left).get(b, ())
    orders = await conn.fetchval(QUERIES["orders_of_people"], tenant, people)
    return Effect(
        is_known=known is not None, people=len(people), orders=orders, otherwise=otherwise
    )


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
