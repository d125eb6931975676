"""What must and may be taken back of an order at a platform, and of how much.

Which messages tell it depends on the order in which the shop's snapshots arrive: a refund alone
comes under its own id, what a sum adds under the total it reached. So `must` has what every order
tells, `may` what some order may tell, and the amounts are bound by sums: never more than was paid
back at any time, and at the end no less than is paid back now. A platform that restates is told
values instead, of which the last one told is what the order is worth.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from tests.oracle import ids
from tests.oracle.commands import Commands
from tests.oracle.deliveries import Delivered
from tests.oracle.fold import Conversion, conversions, snapshots_by_order
from tests.oracle.log import Log
from tests.oracle.words import Json

REFUNDS = frozenset({"refund", "cancel"})
RESTATES = frozenset({"adjust", "cancel"})
TAKES = {
    **dict.fromkeys(("ga4", "klaviyo", "sgtm"), REFUNDS),
    **dict.fromkeys(("google_ads", "microsoft_ads"), RESTATES),
}
"""Of a platform that is not here refunds and cancels are written down, and not sent."""
COLUMNS = ("tenant_id", "platform", "event_id", "kind", "value", "place", "state", "error")
"""Value in minor units; by `place` an order's are in the order of the telling, what has the same
one was told at once; null where nothing was told yet."""

Name = tuple[str, str]
"""(event id, kind)."""


@dataclass(frozen=True, slots=True)
class TakenBack:
    """The bounds of one order at one platform: sums in minor units, both included. `may` has the
    value where the id decides it; `worth` is what the last adjust must say, None where nothing
    need be said. `is_certain` where nothing speaks against telling the platform of the order, whose
    purchase has the id `purchase` there."""

    tenant: str
    platform: str
    order: str
    purchase: str
    is_certain: bool
    must: frozenset[Name]
    may: dict[Name, int | None]
    least: int = 0
    most: int = 0
    worth: int | None = None


@dataclass(frozen=True, slots=True)
class _Told:
    """All that the snapshots of an order ever say of money."""

    grosses: frozenset[int]
    refunds: dict[str, set[int]]
    sums: frozenset[int]
    statuses: frozenset[str]
    snapshots: int

    def totals(self, gross: int) -> set[int]:
        """What may have been paid back at some time, had the order been worth `gross`."""
        some = {0}
        for amounts in self.refunds.values():
            some |= {known + amount for known in some for amount in amounts}
        found = {min(gross, total) for total in some | self.sums}
        return found | ({gross} if "refunded" in self.statuses else set())

    @property
    def most_refunded(self) -> int:
        """The greatest sum that any snapshot or all refunds make."""
        return max(max(self.sums, default=0), sum(max(each) for each in self.refunds.values()))


def taken_back(
    tenant: str, log: Log, *, rules: Commands, platforms: Iterable[str], must: Delivered,
    may: Delivered,
) -> Iterator[TakenBack]:  # fmt: skip
    """The bounds of each order that a platform may hear of, by what it must and may hear."""
    now = rules.settings["pixel_orders"] == "true"
    final = {c.id: c for c in conversions(tenant, log, with_pixel=now)}
    ever = "true" in rules.ever["pixel_orders"]
    for (source, order_id), snapshots in snapshots_by_order(log, with_pixel=now or ever).items():
        told = _told(snapshots)
        for platform in platforms:
            purchase = tenant, platform, ids.purchase(tenant, source, order_id, platform)
            if purchase not in may:
                continue
            conversion = final.get(ids.conversion(tenant, source, order_id))
            certain = conversion if purchase in must else None
            name = _Namer(tenant, source, order_id, platform)
            restates = "adjust" in TAKES.get(platform, REFUNDS)
            yield (_restated if restates else _refunded)(name, told, certain)


def _told(snapshots: list[Json]) -> _Told:
    refunds: dict[str, set[int]] = {}
    for snapshot in snapshots:
        for refund in snapshot["refunds"]:
            refunds.setdefault(refund["refund_id"], set()).add(refund["amount"])
    return _Told(
        grosses=frozenset(s["gross"] for s in snapshots if s["gross"] is not None),
        refunds=refunds,
        sums=frozenset(s["refunded"] for s in snapshots if s["refunded"]),
        statuses=frozenset(s["status"] for s in snapshots if s["status"]),
        snapshots=len({s["content_hash"] for s in snapshots}),
    )


@dataclass(frozen=True, slots=True)
class _Namer:
    """Names what is told of one order at one platform."""

    tenant: str
    source: str
    order_id: str
    platform: str

    def bounds(
        self, certain: Conversion | None, must: set[Name], may: dict[Name, int | None]
    ) -> TakenBack:
        """What may be told, of no amount yet."""
        return TakenBack(
            tenant=self.tenant,
            platform=self.platform,
            order=f"{self.source} {self.order_id}",
            purchase=ids.purchase(self.tenant, self.source, self.order_id, self.platform),
            is_certain=certain is not None,
            must=frozenset(must),
            may=may,
        )

    def __call__(self, kind: str, suffix: object) -> Name:
        of = self.tenant, self.source, self.order_id, self.platform
        return ids.retraction(*of, kind, str(suffix)), kind


def _refunded(name: _Namer, told: _Told, certain: Conversion | None) -> TakenBack:
    """Where refunds are told one by one."""
    totals = {total for gross in told.grosses for total in told.totals(gross)}
    most = max(totals, default=0)
    may: dict[Name, int | None] = {name("refund", refund): None for refund in told.refunds}
    if "cancelled" in told.statuses:
        most = max(told.grosses, default=0)
        may[name("cancel", "cancelled")] = None
        totals |= told.grosses
    may |= {name("refund", f"total:{total}"): None for total in totals if total}
    must: set[Name] = set()
    least = 0
    if certain is not None:
        gross = certain.gross or 0
        least = gross if certain.status == "cancelled" else min(gross, certain.refunded)
        alone = not told.statuses & {"cancelled", "refunded"} and not told.sums
        if alone and told.most_refunded <= min(told.grosses):
            must |= {name("refund", refund) for refund, of in told.refunds.items() if min(of)}
        left = "refunded" not in told.statuses and told.most_refunded < min(told.grosses)
        if certain.status == "cancelled" and left:
            must.add(name("cancel", "cancelled"))
    return replace(name.bounds(certain, must, may), least=least, most=most)


def _restated(name: _Namer, told: _Told, certain: Conversion | None) -> TakenBack:
    """Where the platform is told what is left, each value anew when another one came between."""
    may: dict[Name, int | None] = {}
    for gross in told.grosses:
        for total in told.totals(gross):
            left = gross - total
            if not left:
                may[name("cancel", "cancelled")] = None
                continue
            for suffix in (left, *(f"{left}:{n}" for n in range(1, 2 * told.snapshots + 8))):
                may[name("adjust", suffix)] = left
    if told.statuses & {"cancelled", "refunded"}:
        may[name("cancel", "cancelled")] = None
    must: set[Name] = set()
    worth = None
    if certain is not None and certain.status in ("cancelled", "refunded") and not certain.net:
        must.add(name("cancel", "cancelled"))
    elif certain is not None and certain.net:
        worth = certain.net
        if certain.net < (certain.gross or 0):
            must.add(name("adjust", certain.net))
    return replace(name.bounds(certain, must, may), worth=worth)
