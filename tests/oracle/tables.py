"""The served tables as the oracle and the reader both write them down: sorted lists of tuples.

Times are epoch milliseconds, credit is in units of 1e-9, money in minor units.
"""

from dataclasses import dataclass, field
from operator import itemgetter

from tests.oracle.influencers import COLUMNS as INFLUENCER_COLUMNS
from tests.oracle.journeys import COLUMNS as JOURNEY_COLUMNS
from tests.oracle.journeys import KEY_LENGTH as JOURNEY_KEY_LENGTH
from tests.oracle.offline import BATCH_COLUMNS, ROW_COLUMNS
from tests.oracle.promotions import COLUMNS as MODEL_COLUMNS
from tests.oracle.reach import COLUMNS as REACH_COLUMNS
from tests.oracle.retractions import COLUMNS as RETRACTION_COLUMNS
from tests.oracle.retractions import TakenBack
from tests.oracle.spend import AD_COLUMNS, FIGURE_COLUMNS
from tests.oracle.touches import PIXEL_COLUMNS, TOUCH_COLUMNS
from tests.oracle.views import VIEWS
from tests.oracle.views.books import Asked
from tests.oracle.words import Row

_CELL = ("model", "attribution_window", "touchpoints", "conversions", "revenue")
_PLACE = ("tenant_id", "date", "channel", "platform")

COLUMNS: dict[str, tuple[str, ...]] = {
    "touchpoints": TOUCH_COLUMNS,
    "identity_links": ("tenant_id", "kind", "value", "person_id", "quarantined"),
    "conversions": (
        "tenant_id", "conversion_id", "source", "order_id", "customer_id", "visitor_id",
        "person_id", "revenue", "currency", "revenue_reporting", "converted_at",
        "is_first_purchase", "status", "state",
    ),
    "orders": (
        "tenant_id", "id", "source", "order_id", "status", "gross", "refunded", "net", "currency",
        "ordered_at", "paid_at", "customer_id", "visitor_id", "creator_code", "discount_codes",
    ),
    "order_line_items": (
        "tenant_id", "id", "position", "order_id", "product_id", "sku", "title", "quantity",
        "price", "currency",
    ),
    "unattributed": ("tenant_id", "conversion_id", "unattributed_reason"),
    "survey": (
        "tenant_id", "provider", "response_id", "conversion_id", "source", "order_id",
        "answered_at", "question", "answer", "channel", "platform", "is_matched",
    ),
    "results": (
        "tenant_id", "conversion_id", "touchpoint_id", "model", "attribution_window",
        "credit", "attributed_revenue", "attributed_revenue_reporting", "model_version",
        "is_fallback",
    ),
    "models": MODEL_COLUMNS,
    "summary_cells": ("tenant_id", "basis", *_PLACE[1:], "campaign", *_CELL),
    "channel_summary": (*_PLACE, *_CELL),
    "channel_summary_cash": (*_PLACE, *_CELL),
    "campaign_summary": (*_PLACE, "campaign", *_CELL),
    "view_through": (*_PLACE, *_CELL[:2], "touchpoint_type", *_CELL[2:]),
    "influencer_orders": INFLUENCER_COLUMNS,
    "spend": (*_PLACE, "spend"),
    "spend_facts": FIGURE_COLUMNS,
    "ad_spend": AD_COLUMNS,
    "platform_reach": REACH_COLUMNS,
    "pixel_events": PIXEL_COLUMNS,
    "offline_conversions": ROW_COLUMNS,
    "offline_batches": BATCH_COLUMNS,
    "deliveries": ("tenant_id", "platform", "event_id"),
    "retractions": RETRACTION_COLUMNS,
    **JOURNEY_COLUMNS,
}  # fmt: skip
KEY_LENGTH = {
    "touchpoints": 2, "identity_links": 3, "conversions": 2, "orders": 2,
    "order_line_items": 3, "results": 5, "models": 5, "summary_cells": 8,
    "channel_summary": 6, "channel_summary_cash": 6, "campaign_summary": 7, "spend": 4,
    "spend_facts": 6, "ad_spend": 6, "platform_reach": 6,
    "pixel_events": 2, "offline_conversions": 4, "offline_batches": 2,
    "deliveries": 3, "retractions": 4,
    "unattributed": 2, "survey": 3, "view_through": 7, "influencer_orders": 3,
    **JOURNEY_KEY_LENGTH,
}  # fmt: skip

COLUMNS_OF = COLUMNS | {name: view.columns for name, view in VIEWS.items()}
"""With those of the analyst's views, which not every reading has."""
KEY_LENGTH_OF = KEY_LENGTH | {name: view.key_length for name, view in VIEWS.items()}


@dataclass(frozen=True)
class Served:
    """Every served table, and the analyst's views if they were asked for.

    `deliveries` are what platforms were told of; in an expectation, what they must be told of, and
    `deliveries_may` what they may be told of besides; of retractions an expectation has the keys of
    those that must be told, and the bounds of all. A reading has no bounds, and the (tenant,
    platform, event id) of the purchases that were accepted; with views it has what they were asked.
    """

    tables: dict[str, list[Row]] = field(default_factory=dict)
    deliveries_may: frozenset[Row] = frozenset()
    taken_back: tuple[TakenBack, ...] | None = None
    accepted: frozenset[Row] = frozenset()
    asked: Asked | None = None

    def __getitem__(self, table: str) -> list[Row]:
        return self.tables[table]


def served_of(
    tables: dict[str, list[Row]],
    *,
    may: frozenset[Row] = frozenset(),
    taken_back: tuple[TakenBack, ...] | None = None,
    accepted: frozenset[Row] = frozenset(),
    asked: Asked | None = None,
) -> Served:
    """The tables with their rows in the order of their keys, which are never null."""
    return Served(
        tables={
            name: sorted(rows, key=itemgetter(slice(KEY_LENGTH_OF[name])))
            for name, rows in tables.items()
        },
        deliveries_may=may,
        taken_back=taken_back,
        accepted=accepted,
        asked=asked,
    )
