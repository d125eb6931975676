"""What `retain` may take: old rows that no order was, or will be, credited with.

Retention is a command, but not one of the log: the audit log says until when it has taken what. A
rebuild brings it all back, so what may be gone may be there, too: it is left out of both sides.
"""

from collections.abc import Mapping
from dataclasses import replace

from tests.oracle import graph as identity
from tests.oracle.commands import commands
from tests.oracle.erasure import kept
from tests.oracle.fold import conversions
from tests.oracle.log import Log, of_tenant, tenants
from tests.oracle.tables import COLUMNS, Served
from tests.oracle.words import Json

Horizons = Mapping[tuple[str, str], int]
"""(tenant, touchpoints or pixel_events) to the time before which rows were taken."""
Keys = dict[str, set[tuple[str, ...]]]


def taken(expected: Served, log: Log, horizons: Horizons) -> Keys:
    """Keys of the rows of these tables that go: touches older than that of people who never
    ordered, pixel events that name neither an order nor a checkout; and of the open journeys that
    are then told of otherwise."""
    log = kept(log)
    gone: Keys = {"touchpoints": set(), "pixel_events": set(), "journeys_open": set()}
    for tenant in tenants(log):
        own = of_tenant(log, tenant)
        rules = commands(own)
        cap = int(rules.settings["identity_fan_in_cap"])
        graph = identity.build(own, unlinked=rules.unlinked, cap=cap)
        buyers = {
            graph.person[node]
            for conversion in conversions(tenant, own, with_pixel=True)
            for node in conversion.nodes
            if node in graph.person
        }
        for told in _old(expected, "touchpoints", tenant, horizons):
            anchor, campaign_id = told["anchor"], told["campaign_id"]
            names = campaign_id is not None and campaign_id != told["campaign"]
            person = graph.person.get(anchor)
            if not (names or anchor in graph.quarantined or person in buyers):
                gone["touchpoints"].add((tenant, told["touchpoint_id"]))
                gone["journeys_open"].add((tenant, str(person)))
        for told in _old(expected, "pixel_events", tenant, horizons):
            if told["order_id"] is None and told["checkout_id"] is None:
                gone["pixel_events"].add((tenant, told["event_id"]))
    return gone


def _old(expected: Served, table: str, tenant: str, horizons: Horizons) -> list[Json]:
    before = horizons.get((tenant, table), 0)
    rows = (dict(zip(COLUMNS[table], row, strict=True)) for row in expected[table])
    return [row for row in rows if row["tenant_id"] == tenant and row["occurred_at"] < before]


def without(told: Served, keys: Keys) -> Served:
    """The tables without these rows."""
    tables = {
        table: [row for row in rows if row[:2] not in keys.get(table, ())]
        for table, rows in told.tables.items()
    }
    return replace(told, tables=tables)
