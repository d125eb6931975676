"""Credit for touches: seven models, eight windows, integers only.

Pure: a conversion and its touches go in, shares come out, and the same input gives the same
integers on every machine, in every batch and in whatever order the touches were listed.
"""

from processors.domain.attribution.kernel import credit_batch
from processors.domain.attribution.models import (
    MODELS,
    UNIT,
    WINDOW_DAYS,
    WINDOWS,
    Credited,
    CreditSettings,
    Journey,
    Touch,
)

__all__ = [
    "MODELS",
    "UNIT",
    "WINDOWS",
    "WINDOW_DAYS",
    "CreditSettings",
    "Credited",
    "Journey",
    "Touch",
    "credit_batch",
]
