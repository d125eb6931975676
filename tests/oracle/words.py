"""The words of the contract: models, windows, defaults, and decimals of currencies."""

from typing import Any, Final

Json = dict[str, Any]
Row = tuple[Any, ...]

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
"""The last one only where the tenant has defined it."""
WINDOWS: Final = {
    "1d": 1, "3d": 3, "7d": 7, "14d": 14, "28d": 28, "30d": 30, "90d": 90, "ltv": 365,
}  # fmt: skip
UNIT: Final = 10**9
"""One whole conversion, in units of credit."""

DAY_MS: Final = 86_400_000

_OTHER_DECIMALS: Final = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}


def decimals(currency: str) -> int:
    """How many decimals a currency's minor unit stands for."""
    return next((n for n, codes in _OTHER_DECIMALS.items() if currency in codes.split()), 2)
