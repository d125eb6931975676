"""What an ad shows, as its vendor tells it: the same for all of them.

A reader is `assets.py` in its vendor's folder. Addresses of pictures are the vendor's own and most
are signed, so that they end after hours or days: they are read again.
"""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Literal, Protocol

from processors.platforms.base import Account
from schemas.delivery import Platform

Kind = Literal["image", "video", "carousel", "dynamic", "text", "other"]
"""`dynamic`: the vendor puts it together of several texts and pictures; the first of each stand."""

_MOST_LETTERS: Final = 2_000
_MOST_OF_AN_ADDRESS: Final = 4_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """Of one ad, under the vendor's id of it."""

    ad_id: str
    type: Kind
    ad: str | None = None
    creative_id: str | None = None
    campaign_id: str | None = None
    title: str | None = None
    body: str | None = None
    thumbnail_url: str | None = None
    landing_page: str | None = None


class AssetReader(Protocol):
    """Reads one vendor's ads; `platform`, `connection` are as `spending.SpendReader` has them."""

    platform: ClassVar[str]
    connection: ClassVar[Platform | str]

    def assets(self, account: Account) -> AsyncIterator[list[Asset]]:
        """All ads that are not deleted, page by page.

        Raises:
            Unreadable: as a reader of spend.
            Unusable: for an ad without its id.
        """
        ...

    async def close(self) -> None:
        """Close the connections."""
        ...


def first_text(told: Iterable[Any]) -> str | None:
    """The first that is a text and not empty, cut to what anybody reads."""
    for one in told:
        if isinstance(one, str) and (text := one.strip()):
            return text[:_MOST_LETTERS]
    return None


def first_address(told: Iterable[Any]) -> str | None:
    """The first that is an address of the web, whole: whoever shows it makes a link of it."""
    for one in told:
        text = one.strip() if isinstance(one, str) else ""
        if text.startswith(("https://", "http://")) and len(text) <= _MOST_OF_AN_ADDRESS:
            return text
    return None


def within(row: Any, path: str) -> Any:
    """What is at `a.b.0.c` of a document; None where anything on the way is missing."""
    for name in path.split("."):
        if isinstance(row, dict):
            row = row.get(name)
        elif isinstance(row, list) and name.isdecimal() and int(name) < len(row):
            row = row[int(name)]
        else:
            return None
    return row
