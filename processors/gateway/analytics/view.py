"""What a door to a view knows of it beyond its columns."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

ALL: Final = "*"
"""Said of a column whose value is assumed: rows of every value."""


@dataclass(frozen=True, slots=True)
class Option:
    """An argument of a function, by the name under which it is asked for."""

    parameter: str
    """The function's own name for it."""
    default: str
    form: str
    """The regular expression that all of it must match."""
    told: str
    """The same in words, for who said something else."""


@dataclass(frozen=True, slots=True)
class View:
    """One view, or a function of a tenant and two dates."""

    date: str = ""
    """The column that `from` and `to` are about; rows come latest first."""
    keys: tuple[str, ...] = ()
    """What tells the rows of one date apart, in which order they come; `-name`: greatest first."""
    needs: str = ""
    """Must be among the filters: nobody asks for all of it."""
    assumed: Mapping[str, str] = field(default_factory=dict)
    """Filters that hold unless another value is said, or ALL."""
    back: int = 30
    """Days before today from which rows come unless `from` is said."""
    ahead: int = 1
    """Days after today up to which they come; tomorrow has begun somewhere."""
    options: Mapping[str, Option] = field(default_factory=dict)
    """What a function is asked besides; empty for a view."""
    most: str = ""
    """The function's own name for how many rows it is to find."""

    @property
    def is_function(self) -> bool:
        """Whether it is asked with arguments."""
        return bool(self.options)

    @property
    def is_dated(self) -> bool:
        """Whether `from` and `to` mean something."""
        return self.is_function or self.date != ""
