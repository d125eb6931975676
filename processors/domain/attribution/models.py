"""The words of attribution: models, windows, and what a tenant may tune.

The order of MODELS and of WINDOWS is the order of the axes of every credit array, here and in the
stored compact rows, so both tuples are append-only.
"""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from processors.domain.attribution.custom_document import CustomModel

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
AttributionMode = Literal["clicks_plus_views", "clicks_only"]

MODELS: Final = (
    "first_touch",
    "last_touch",
    "linear",
    "time_decay",
    "position_based",
    "data_driven",
    "last_non_direct",
    "custom",
)
STANDARD_MODELS: Final = MODELS[: MODELS.index("custom")]
"""The models of a conversion whose tenant has no model of its own."""
WINDOWS: Final = ("1d", "3d", "7d", "14d", "28d", "30d", "90d", "ltv")
WINDOW_DAYS: Final = {
    "1d": 1,
    "3d": 3,
    "7d": 7,
    "14d": 14,
    "28d": 28,
    "30d": 30,
    "90d": 90,
    "ltv": 365,
}
UNIT: Final = 10**9
"""A whole conversion: credit is counted in units of 1e-9."""


@dataclass(frozen=True, slots=True)
class CreditSettings:
    """What a tenant may tune; refuses values that have no meaning."""

    half_life_days: float = 7.0
    attribution_mode: AttributionMode = "clicks_plus_views"
    view_window_days: int | None = None
    """None: views count in the same windows as clicks."""
    max_touches: int = 1000
    lookback_days: int = 365
    """The greatest age at which a touch counts, whatever the window."""
    custom: CustomModel | None = None
    """The tenant's own model; None: its conversions have the standard models only."""
    bots: bool = True
    """Whether touches of robots count."""

    def __post_init__(self) -> None:
        if not self.half_life_days > 0:  # refuses NaN too
            raise ValueError("half_life_days must be positive")
        if self.view_window_days is not None and self.view_window_days < 0:
            raise ValueError("view_window_days must not be negative")
        if self.max_touches < 1:
            raise ValueError("max_touches must be at least 1")
        if self.lookback_days < 1:
            raise ValueError("lookback_days must be at least 1")
