"""From THE LOG to every served table, tenant by tenant, in one pass."""

from collections import defaultdict
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from tests.oracle import graph as identity
from tests.oracle import journeys, offline, summary, survey
from tests.oracle.commands import Commands, commands
from tests.oracle.credit import Credit, credits, journey
from tests.oracle.deliveries import Delivered, deliveries
from tests.oracle.erasure import kept
from tests.oracle.fold import REFUNDED_STATES, Conversion, conversions
from tests.oracle.influencers import influencer_rows
from tests.oracle.log import Log, of_tenant, tenants
from tests.oracle.people import first_purchases, local_date, person_of
from tests.oracle.promotions import Promotion, standing
from tests.oracle.promotions import rows as promotion_rows
from tests.oracle.reach import reach_rows
from tests.oracle.retractions import TakenBack, taken_back
from tests.oracle.spend import Figures, ad_rows, figure_rows, figures, spend
from tests.oracle.tables import COLUMNS, Served, served_of
from tests.oracle.touches import Touch, pixel_events, touches
from tests.oracle.views import VIEWS, computed
from tests.oracle.views.books import Asked, Books, Sale
from tests.oracle.words import Row

Tables = dict[str, list[Row]]
Connections = Mapping[tuple[str, str], int]
"""Since when each enabled (tenant, platform) is connected, in epoch milliseconds."""
_NONE: Final[Connections] = MappingProxyType({})


def served(log: Log, *, connections: Connections = _NONE, asked: Asked | None = None) -> Served:
    """The tables that this log makes; with the views of the analyst, if they are asked."""
    whole, log = log, kept(log)
    tables: Tables = {name: [] for name in COLUMNS}
    if asked is not None:
        tables |= {name: [] for name in VIEWS}
    may: set[Row] = set()
    backs: list[TakenBack] = []
    for tenant in tenants(log):
        own = of_tenant(log, tenant)
        rules = commands(own)
        graph = identity.build(
            own, unlinked=rules.unlinked, cap=int(rules.settings["identity_fan_in_cap"])
        )
        found = touches(tenant, own, rules=rules.settings["channel_rules"])
        tables["touchpoints"] += [touch.row for touch in found]
        tables["identity_links"] += identity.links(tenant, graph)
        tables["pixel_events"] += pixel_events(tenant, own)
        told = figures(own)
        tables["models"] += promotion_rows(tenant, rules.promotions)
        tables["spend"] += spend(tenant, told, rules)
        tables["spend_facts"] += figure_rows(tenant, told, rules)
        tables["ad_spend"] += ad_rows(tenant, figures(own, ads=True))
        sales, cells = _credit(
            tenant, tables, log=own, rules=rules, graph=graph, found=found, told=told
        )
        if asked is not None:
            books = Books(tenant, asked, rules, sales, cells, told, figures(own, ads=True), found)
            for name, rows in computed(books).items():
                tables[name] += rows
        platforms = {name: since for (of, name), since in connections.items() if of == tenant}
        sent, maybe = deliveries(tenant, own, rules=rules, graph=graph, platforms=platforms)
        told_of = own
        if whole is not log:  # who was erased later may have been told of before
            told_of = of_tenant(whole, tenant)
            maybe |= _ever(tenant, told_of, platforms)
        tables["deliveries"] += sent
        may |= maybe
        backs += taken_back(
            tenant, told_of, rules=rules, platforms=sorted(platforms), must=sent, may=maybe
        )
    tables["retractions"] += [(b.tenant, b.platform, *name) for b in backs for name in b.must]
    return served_of(tables, may=frozenset(may), taken_back=tuple(sorted(backs, key=_whose)))


def _ever(tenant: str, log: Log, platforms: Mapping[str, int]) -> Delivered:
    """What may have been told of anybody, erased or not."""
    rules = commands(log)
    cap = int(rules.settings["identity_fan_in_cap"])
    graph = identity.build(log, unlinked=rules.unlinked, cap=cap)
    return deliveries(tenant, log, rules=rules, graph=graph, platforms=platforms)[1]


def _whose(back: TakenBack) -> tuple[str, str, str]:
    return back.tenant, back.platform, back.order


def _credit(
    tenant: str,
    tables: Tables,
    *,
    log: Log,
    rules: Commands,
    graph: identity.Graph,
    found: list[Touch],
    told: Figures,
) -> tuple[list[Sale], summary.Cells]:
    """Conversions, their credit, and the summary of one tenant."""
    touches_of: dict[str, list[Touch]] = defaultdict(list)
    for touch in found:
        if owner := graph.owner(touch.anchor):
            touches_of[owner].append(touch)
    with_pixel = rules.settings["pixel_orders"] == "true"
    owned = [
        (conversion, person_of(conversion, graph))
        for conversion in conversions(tenant, log, with_pixel=with_pixel)
    ]
    uploaded = offline.rows(
        tenant, log, named={conversion.id: conversion.event_name for conversion, _ in owned},
        matched={conversion.id for conversion, person in owned if touches_of.get(person or "")},
    )  # fmt: skip
    tables["offline_conversions"] += uploaded
    tables["offline_batches"] += offline.batches(tenant, log, uploaded)
    first = first_purchases(owned)
    cells = summary.new_cells()
    known = {conversion.id for conversion, _ in owned}
    tables["survey"] += survey.answers(tenant, log, known=known)
    suppressed = graph.people(rules.suppressed)
    earned: list[list[Credit]] = []
    ways: list[journeys.Journey] = []
    sales: list[Sale] = []
    for conversion, person in owned:
        trained = standing(rules.promotions, conversion.converted_at)
        candidates = [] if person in suppressed else touches_of.get(person or "", [])
        if rules.settings["bot_policy"] == "exclude":
            candidates = [touch for touch in candidates if not touch.is_bot]
        state, reporting, rows = _credited(conversion, candidates, rules, trained)
        is_first = None if person is None else conversion.id in first
        tables["conversions"].append(
            _conversion_row(tenant, conversion, person, reporting, is_first=is_first, state=state)
        )
        tables["orders"].append(_order_row(tenant, conversion))
        tables["order_line_items"] += _line_rows(tenant, conversion)
        why = None
        if state != "ready":
            why = _why(conversion, person, state, touched=person in touches_of)
            if state == "unattributed" and person in suppressed:
                why = "suppressed"
            tables["unattributed"].append((tenant, conversion.id, why))
        tables["results"] += [_result_row(tenant, conversion, row, trained, rules) for row in rows]
        counts = state in ("ready", "unattributed") and conversion.status not in REFUNDED_STATES
        sales.append(Sale(conversion, person, is_first, reporting, counts, why, rows))
        ways.append(journeys.journey(conversion, rows, rules, reporting=reporting, counts=counts))
        if counts:
            summary.add(
                cells, converted_at=conversion.converted_at, net=reporting or 0, rows=rows,
                rules=rules,
            )  # fmt: skip
            earned.append(rows)
            path = list({row.touch.id: row.touch for row in rows}.values())
            tables["influencer_orders"] += influencer_rows(
                tenant, conversion, path, rules, revenue=reporting or 0, is_first=is_first
            )
    journeys.add(tables, tenant, ways, rules)
    tables["journeys_open"] += journeys.open_rows(tenant, touches_of, owned)
    tables["view_through"] += summary.view_through(tenant, earned, rules)
    tables["platform_reach"] += reach_rows(tenant, told, earned, rules)
    tables["summary_cells"] += summary.cell_rows(tenant, cells)
    tables["campaign_summary"] += summary.campaign_view(tenant, cells, rules)
    for name, basis in (("channel_summary", "accrual"), ("channel_summary_cash", "cash")):
        tables[name] += summary.channel_view(tenant, cells, rules, basis=basis)
    return sales, cells


def _credited(
    conversion: Conversion, candidates: list[Touch], rules: Commands, trained: Promotion | None
) -> tuple[str, int | None, list[Credit]]:
    """(state, net in the reporting currency, result rows)."""
    if not conversion.ready or conversion.currency is None:
        return "pending_order", None, []
    date = local_date(conversion.converted_at, rules.settings["time_zone"])
    reporting = rules.converted(conversion.net, conversion.currency, date)
    at = conversion.converted_at
    path = journey(candidates, converted_at=at, rules=rules)
    rows = credits(
        path, converted_at=at, net=conversion.net, reporting=reporting, rules=rules,
        trained=trained.model if trained else None,
    )  # fmt: skip
    if reporting is None:
        return "pending_rate", None, rows
    return ("ready" if path else "unattributed"), reporting, rows


def _why(conversion: Conversion, person: str | None, state: str, *, touched: bool) -> str:
    """Why no touch earned the order."""
    if state != "unattributed":
        return state
    if person is None:
        return "shared_ids" if conversion.nodes else "no_visitor"
    return "out_of_window" if touched else "no_touch"


def _conversion_row(
    tenant: str,
    c: Conversion,
    person: str | None,
    reporting: int | None,
    *,
    is_first: bool | None,
    state: str,
) -> Row:
    revenue = None if c.currency is None else c.net
    return (
        tenant, c.id, c.source, c.order_id, c.customer_id, c.visitor_id, person, revenue,
        c.currency, reporting, c.converted_at, is_first, c.status, state,
    )  # fmt: skip


def _order_row(tenant: str, c: Conversion) -> Row:
    money = (c.gross, c.refunded, c.net) if c.currency else (None, None, None)
    return (
        tenant, c.id, c.source, c.order_id, c.status, *money, c.currency, c.converted_at, c.paid_at,
        c.customer_id, c.visitor_id, next(iter(c.codes), c.creator or c.ref), list(c.codes),
    )  # fmt: skip


def _line_rows(tenant: str, c: Conversion) -> list[Row]:
    """Numbered as the shop lists them, from one on."""
    return [
        (
            tenant, c.id, position, c.order_id, line["product_id"], line["sku"], line["title"],
            line["quantity"], line["price"] if c.currency else None, c.currency,
        )
        for position, line in enumerate(c.lines, 1)
    ]  # fmt: skip


def _result_row(
    tenant: str, conversion: Conversion, row: Credit, trained: Promotion | None, rules: Commands
) -> Row:
    version, is_fallback = "rule", False
    if row.model == "custom":
        version = rules.custom_version
    if row.model == "data_driven":
        version = trained.version if trained else "untrained"
        is_fallback = trained is None or trained.model is None
    return (
        tenant, conversion.id, row.touch.id, row.model, row.window, row.credit, row.revenue,
        row.reporting, version, is_fallback,
    )  # fmt: skip
