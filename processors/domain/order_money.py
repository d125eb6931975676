"""What an order is worth and where it stands, by what its shop says and what was paid back.

The shop's word and the refunds may come apart, since each comes in a message of its own: refunds
that reach the gross make an order refunded whatever the shop says yet, and a shop that says
`refunded` without naming an amount means all of it.
"""

from schemas.order import OrderStatus


def settled(
    said: OrderStatus | None, *, gross: int, refunded: int, charged_back: bool
) -> tuple[OrderStatus, int, int]:
    """(status, refunded, net) in minor units; a shop that says nothing of the status sold it."""
    last = said or "paid"
    if charged_back and last != "cancelled":
        last = "charged_back"
    if last in ("cancelled", "charged_back"):
        return last, refunded, 0
    if last == "refunded" and refunded == 0:
        refunded = gross
    net = max(0, gross - refunded)
    if gross > 0 and refunded >= gross:
        return "refunded", refunded, net
    if last == "refunded" and gross == 0:
        return "refunded", refunded, 0
    if refunded > 0 or last == "partially_refunded":
        return "partially_refunded", refunded, net
    return ("pending" if last == "pending" else "paid"), refunded, net
