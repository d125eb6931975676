"""Whose ads we read: a vendor's `assets.py` and a row here, under the name of its platform. The
account is the one whose spend is read."""

from typing import Final, Protocol, Self

from processors.engine.clock import Clock
from processors.platforms.assets import AssetReader
from processors.platforms.google_ads.assets import GoogleAssets
from processors.platforms.meta.assets import MetaAssets
from processors.platforms.reading import ReadingSettings
from processors.platforms.tiktok.assets import TiktokAssets


class ReadsAssets(AssetReader, Protocol):
    """A reader that is made from the environment."""

    @classmethod
    def load(cls, reading: ReadingSettings, clock: Clock, /) -> Self:
        """With its settings."""
        ...


ASSET_READERS: Final[dict[str, type[ReadsAssets]]] = {
    "google": GoogleAssets,
    "meta": MetaAssets,
    "tiktok": TiktokAssets,
}
