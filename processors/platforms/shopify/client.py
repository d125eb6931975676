"""Reads the orders of a shop, changed ones too.

REST, though Shopify calls it legacy: its order is byte for byte the resource that webhooks carry,
so what is read can be given to the webhook's route as it is, and one conversion serves both. Of
the link to the next page only the cursor is taken: the token goes to no address but the shop's.
"""

import re
from collections.abc import AsyncIterator
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from processors.platforms.http import Reply
from processors.platforms.outward import OutwardSettings
from processors.platforms.reading import Reader, ReadingSettings, Unreadable
from processors.platforms.shopify.settings import ShopifySettings

_SHOP: Final = re.compile(r"[a-z0-9][a-z0-9.-]*")
_LINK: Final = re.compile(r'<([^>]+)>;\s*rel="?(\w+)"?')
_PATH: Final = "/admin/api/{version}/orders.json"


class Orders:
    """A reader of orders."""

    def __init__(self, settings: ShopifySettings, reading: ReadingSettings) -> None:
        self._settings = settings
        # What the operator set may be anywhere; a shop's domain is a tenant's word.
        named = "{shop}" in urlsplit(settings.base_url).netloc
        self._reader = Reader(reading, outward=OutwardSettings.load() if named else None)

    async def pages(
        self, *, shop: str, token: str, since: str, until: str
    ) -> AsyncIterator[list[dict[str, Any]]]:
        """Pages of orders whose `updated_at` lies in the RFC 3339 range, of any status.

        Raises:
            Unreadable: for credentials that are refused, or a shop that keeps failing.
        """
        if not _SHOP.fullmatch(shop):
            raise Unreadable(f"{shop!r} is no shop domain")
        base = self._settings.base_url.rstrip("/").replace("{shop}", shop)
        url = base + _PATH.format(version=self._settings.version)
        limit = str(self._settings.page_size)
        params = {
            "limit": limit, "status": "any", "updated_at_min": since, "updated_at_max": until,
        }  # fmt: skip
        headers = {"x-shopify-access-token": token}
        while True:
            reply, found = await self._reader.page(url, headers=headers, params=params)
            orders = found.get("orders") if isinstance(found, dict) else None
            if not isinstance(orders, list):
                raise Unreadable("the answer has no list of orders")
            yield [order for order in orders if isinstance(order, dict)]
            cursor = next_cursor(reply)
            if cursor is None:
                return
            params = {"limit": limit, "page_info": cursor}

    async def close(self) -> None:
        """Close the connections."""
        await self._reader.close()


def next_cursor(reply: Reply) -> str | None:
    """`page_info` of the link whose rel is next."""
    for url, relation in _LINK.findall(reply.headers.get("link", "")):
        if relation == "next":
            found = parse_qs(urlsplit(url).query).get("page_info")
            return found[0] if found else None
    return None
