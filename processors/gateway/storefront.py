"""What an event of Shopify's pixel shows before the checkout: products, carts, searches."""

from collections.abc import Mapping
from typing import Any

from processors.domain.payload import at, rows


def shown(data: Mapping[str, Any]) -> dict[str, Any]:
    """Value, currency, lines and properties of the event's data; empty for others."""
    cart = at(data, "cart")
    lines = rows(cart, "lines") or ([line] if (line := at(data, "cartLine")) else [])
    total = at(cart, "cost", "totalAmount") or at(data, "cartLine", "cost", "totalAmount")
    variant = at(data, "productVariant")
    if variant:
        lines, total = [{"merchandise": variant, "quantity": 1}], at(variant, "price")
    neutral: dict[str, Any] = {}
    if lines:
        neutral["contents"] = [_line(line) for line in lines]
    if total.get("amount") is not None:
        neutral["value"], neutral["currency"] = total["amount"], total.get("currencyCode")
    properties = {
        "search": at(data, "searchResult").get("query"),
        "collection": at(data, "collection").get("title"),
    }
    kept = {name: value for name, value in properties.items() if type(value) is str}
    if kept:
        neutral["properties"] = kept
    return neutral


def _line(line: Mapping[str, Any]) -> dict[str, Any]:
    variant = at(line, "merchandise")
    return {
        "product_id": digits(variant.get("id") or variant.get("sku")),
        "sku": variant.get("sku"),
        "title": at(variant, "product").get("title") or variant.get("title"),
        "quantity": line.get("quantity"),
        "price": at(variant, "price").get("amount"),
    }


def digits(value: Any) -> Any:
    """`gid://shopify/Customer/7` as `7`."""
    if type(value) is str and value.startswith("gid://"):
        return value.rpartition("/")[2].partition("?")[0]
    return value
