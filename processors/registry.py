"""The table of processors: name -> inputs, outputs, engine, factory. Nothing is discovered.

A factory imports its processor when it makes it: a process loads the one that it runs.
"""

from typing import Final

from processors import credit, dedupe, fanout, identity, summary
from processors.domain.about import about
from processors.engine.spec import Spec
from schemas.topics import DELIVERED_PLATFORMS

DELIVERIES: Final = tuple(f"deliveries.{platform}.v1" for platform in DELIVERED_PLATFORMS)

_ROWS: Final = (
    Spec(
        name="identity",
        inputs=("commands.v1", "touchpoints.v1", "pixel_events.v1", "orders.v1"),
        outputs=("conversions.v1", "stitched_events.v1"),
        engine="batches",
        factory=identity.factory,
        about=about,
    ),
    Spec(
        name="credit",
        inputs=("conversions.v1",),
        outputs=("credits.v1",),
        engine="agents",
        factory=credit.factory,
        about=about,
        engine_counts=True,
    ),
    Spec(
        name="summary",
        inputs=("credits.v1", "spend.v1"),
        outputs=(),
        engine="batches",
        factory=summary.factory,
        about=about,
    ),
    Spec(
        name="dedupe",
        inputs=("stitched_events.v1", "credits.v1"),
        outputs=DELIVERIES,
        engine="batches",
        factory=dedupe.factory,
        about=about,
    ),
    Spec(
        name="fanout",
        inputs=DELIVERIES,
        outputs=("delivery_outcomes.v1",),
        engine="batches",
        factory=fanout.factory,
        about=about,
    ),
)

PROCESSORS: Final[dict[str, Spec]] = {row.name: row for row in _ROWS}
"""In the order of the flow. The gateway stands before them and is a server, not a consumer."""
