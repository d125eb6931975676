"""Where the classes for whole tasks put what they make of a call: whatever has these two methods.

With a `Client` the call returns its receipt, with an `AsyncClient` something to await, with a
`Buffer` the id of what it will send.
"""

from typing import Protocol, TypeVar, Unpack

from processors.client.fields import Event, Order

T_co = TypeVar("T_co", covariant=True)


class Door(Protocol[T_co]):
    """Takes events and orders."""

    def event(self, **event: Unpack[Event]) -> T_co:
        """Something that a visitor did."""

    def order(self, **order: Unpack[Order]) -> T_co:
        """An order as it stands now."""
