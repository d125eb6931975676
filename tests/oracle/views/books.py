"""What the analyst's views are computed from: one tenant's orders, credit, spend and touches."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import Final

from tests.oracle.commands import Commands
from tests.oracle.credit import Credit
from tests.oracle.fold import Conversion
from tests.oracle.people import local_date
from tests.oracle.spend import Figures
from tests.oracle.summary import Cells as Sums
from tests.oracle.touches import Touch
from tests.oracle.words import MODELS, WINDOWS, Row, decimals


@dataclass(frozen=True, slots=True)
class Sale:
    """An order with what touches earned of it; `reason` says why none did. `is_first` is None
    without a person, `reporting` (minor units) without a rate."""

    conversion: Conversion
    person: str | None
    is_first: bool | None
    reporting: int | None
    counts: bool
    reason: str | None
    rows: list[Credit]


Cells = frozenset[tuple[str, str]]
"""Models and windows."""
EVERY: Final[Cells] = frozenset(product(MODELS, WINDOWS))
SOME: Final[Cells] = frozenset(
    (model, window)
    for place, model in enumerate(MODELS)
    for other, window in enumerate(WINDOWS)
    if (place - other) % 4 == 0
)
"""Each model in two windows and each window in two models, of which all views tell. What credit is
in every one of them, the tables of results and cells tell; a view only picks it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of the views: as of `now`, in epoch milliseconds, and for which models and
    windows."""

    now: int
    cells: Cells = EVERY


@dataclass(frozen=True, slots=True)
class Books:
    """Of one tenant, for what is asked of its views."""

    tenant: str
    asked: Asked
    rules: Commands
    sales: list[Sale]
    cells: Sums
    told: Figures
    ads: Figures
    touches: list[Touch]

    @property
    def shown(self) -> list[tuple[str, str]]:
        """The models and windows that are asked for and switched on."""
        switched_on = product(sorted(self.rules.listed_models), sorted(self.rules.enabled_windows))
        return [cell for cell in switched_on if cell in self.asked.cells]

    @property
    def unit(self) -> Fraction:
        """What a minor unit of the reporting currency is worth."""
        return Fraction(1, 10 ** decimals(self.rules.settings["currency"]))

    def date(self, at: int) -> str:
        """The tenant's calendar day of a moment in epoch milliseconds."""
        return local_date(at, self.rules.settings["time_zone"])

    def facts(self) -> Iterator[tuple[Sale, str, str, Credit | None]]:
        """(order, model, window, credit) of those that count, for all that is switched on; None
        where no touch lies in the window."""
        shown = set(self.shown)
        for sale in self.sales:
            if sale.counts:
                earned = {row.window for row in sale.rows}
                for row in sale.rows:
                    if (row.model, row.window) in shown:
                        yield sale, row.model, row.window, row
                for model, window in shown:
                    if window not in earned and model in self.rules.models:
                        yield sale, model, window, None


@dataclass(frozen=True, slots=True)
class View:
    """A view by its name here, how many of its columns are its key, and how to compute it."""

    name: str
    key_length: int
    columns: tuple[str, ...]
    rows: Callable[[Books], list[Row]]
