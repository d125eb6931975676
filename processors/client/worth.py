"""What product lines and refunds are worth, in exact decimals."""

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

from processors.client.fields import Amount, Line, Refund
from processors.client.items import BadItem


def decimal(value: Amount, name: str) -> Decimal:
    """The amount.

    Raises:
        BadItem: when it is none.
    """
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        raise BadItem(name, "must be a decimal string or a number") from None
    if not found.is_finite():
        raise BadItem(name, "is no finite number")
    return found


def of_lines(lines: Iterable[Line]) -> Decimal | None:
    """Price times quantity of all lines; None unless every line has a price."""
    total = Decimal()
    n = 0
    for n, line in enumerate(lines, 1):
        price = line.get("price")
        if price is None:
            return None
        total += decimal(price, f"contents[{n - 1}].price") * line.get("quantity", 1)
    return total if n else None


def of_refunds(refunds: Iterable[Refund]) -> Decimal:
    """All of them together."""
    return sum(
        (decimal(refund["amount"], f"refunds[{n}].amount") for n, refund in enumerate(refunds)),
        Decimal(),
    )
