"""Credit for touches: seven models and the tenant's own, eight windows, integers only.

Pure: a conversion and its touches go in, shares come out, and the same input gives the same
integers on every machine, in every batch and in whatever order the touches were listed.
"""

from processors.domain.attribution.columns import JourneyColumns
from processors.domain.attribution.kernel import CreditedColumns, credit_columns
from processors.domain.attribution.models import (
    MODELS,
    STANDARD_MODELS,
    UNIT,
    WINDOW_DAYS,
    WINDOWS,
    CreditSettings,
)

__all__ = [
    "MODELS",
    "STANDARD_MODELS",
    "UNIT",
    "WINDOWS",
    "WINDOW_DAYS",
    "CreditSettings",
    "CreditedColumns",
    "JourneyColumns",
    "credit_columns",
]
