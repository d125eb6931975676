"""The views of the analyst, each computed from a tenant's books as its comment says."""

from tests.oracle.views import (
    campaigns,
    channels,
    cohorts,
    coverage,
    creatives,
    overview,
    products,
    realtime,
)
from tests.oracle.views.books import Books, View
from tests.oracle.words import Row

VIEWS: dict[str, View] = {
    view.name: view
    for module in (
        overview, channels, campaigns, products, cohorts, creatives, realtime, coverage,
    )
    for view in module.VIEWS
}  # fmt: skip


def computed(books: Books) -> dict[str, list[Row]]:
    """The rows of every view."""
    return {name: view.rows(books) for name, view in VIEWS.items()}
