"""The three shops of the demo: who they are, what they sell, in which money and time zone."""

from dataclasses import dataclass
from typing import Final

from processors.platforms.registry import CONNECTORS
from schemas.delivery import Platform

FEW: Final[tuple[Platform, ...]] = ("ga4", "meta", "tiktok")
"""Where every shop sends; one alone sends everywhere, or all would be sent three times."""


@dataclass(frozen=True, slots=True)
class Product:
    """Something to buy; the price is in minor units of the shop's currency."""

    id: int
    sku: str
    title: str
    price: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """A tenant. `shopify_domain` is set for a shop whose orders come as Shopify's webhooks;
    `foreign` are (currency, price factor, share of orders) beside the shop's own currency."""

    tenant: str
    currency: str
    decimals: int
    time_zone: str
    host: str
    locale: str
    visitors: int
    products: tuple[Product, ...]
    platforms: tuple[Platform, ...] = FEW
    shopify_domain: str | None = None
    foreign: tuple[tuple[str, float, float], ...] = ()
    rates: tuple[tuple[str, str], ...] = ()

    def amount(self, minor: int) -> str:
        """Money as the shop writes it."""
        if not self.decimals:
            return str(minor)
        scale = 10**self.decimals
        return f"{minor // scale}.{minor % scale:0{self.decimals}d}"


NEW_YORK: Final = Shop(
    tenant="demo",
    currency="USD",
    decimals=2,
    time_zone="America/New_York",
    host="shop.example.com",
    locale="en-US",
    visitors=1_000,
    platforms=tuple(CONNECTORS),
    shopify_domain="attributary-demo.myshopify.com",
    products=(
        Product(7001, "HAT-S", "Straw hat", 3_900),
        Product(7002, "TEE-M", "Linen tee", 4_450),
        Product(7003, "BAG-1", "Canvas bag", 7_999),
        Product(7004, "SHOE-42", "Trail shoes", 12_990),
    ),
)
BERLIN: Final = Shop(
    tenant="demo-berlin",
    currency="EUR",
    decimals=2,
    time_zone="Europe/Berlin",
    host="laden.example.net",
    locale="de-DE",
    visitors=600,
    foreign=(("USD", 1.1, 0.15),),
    rates=(("USD", "0.91"),),
    products=(
        Product(8001, "LAMPE-1", "Leselampe", 5_950),
        Product(8002, "TASSE-6", "Tassen, sechs Stück", 3_490),
        Product(8003, "STUHL-2", "Stuhl aus Esche", 18_900),
    ),
)
TOKYO: Final = Shop(
    tenant="demo-tokyo",
    currency="JPY",
    decimals=0,
    time_zone="Asia/Tokyo",
    host="mise.example.org",
    locale="ja-JP",
    visitors=400,
    products=(
        Product(9001, "CHA-100", "煎茶", 1_980),
        Product(9002, "KYUSU-1", "急須", 6_600),
        Product(9003, "HASHI-2", "箸", 2_475),
    ),
)
SHOPS: Final = (NEW_YORK, BERLIN, TOKYO)
