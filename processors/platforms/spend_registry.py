"""Whose spend we read: a vendor's `spend.py` and a row here, under the name of its platform."""

from dataclasses import dataclass
from typing import Final, Protocol, Self

from processors.engine.clock import Clock
from processors.platforms.affiliate.spend import AffiliateSpend
from processors.platforms.base import ACCOUNT_ID, Account
from processors.platforms.google_ads.spend import GoogleSpend
from processors.platforms.linkedin.spend import LinkedinSpend
from processors.platforms.meta.spend import MetaSpend
from processors.platforms.microsoft_ads.spend import MicrosoftSpend
from processors.platforms.mntn.spend import MntnSpend
from processors.platforms.pinterest.spend import PinterestSpend
from processors.platforms.reading import ReadingSettings
from processors.platforms.snapchat.spend import SnapchatSpend
from processors.platforms.spending import SpendReader
from processors.platforms.tiktok.spend import TiktokSpend


class Reads(SpendReader, Protocol):
    """A reader that is made from the environment."""

    @classmethod
    def load(cls, reading: ReadingSettings, clock: Clock, /) -> Self:
        """With its settings."""
        ...


@dataclass(frozen=True, slots=True)
class SpendSource:
    """A reader, and the part of a connection that names the ad account: it is not always what
    events are sent to."""

    reader: type[Reads]
    account_part: str = ACCOUNT_ID

    def account_id(self, account: Account) -> str:
        """The ad account; empty when the tenant never told it, and nothing can be read."""
        part = self.account_part
        return account.account_id if part == ACCOUNT_ID else account.secret(part)


SPEND_READERS: Final[dict[str, SpendSource]] = {
    "affiliate": SpendSource(AffiliateSpend),
    "google": SpendSource(GoogleSpend),
    "linkedin": SpendSource(LinkedinSpend),
    "meta": SpendSource(MetaSpend, "ad_account_id"),
    "microsoft": SpendSource(MicrosoftSpend),
    "mntn": SpendSource(MntnSpend),
    "pinterest": SpendSource(PinterestSpend),
    "snapchat": SpendSource(SnapchatSpend, "ad_account_id"),
    "tiktok": SpendSource(TiktokSpend, "advertiser_id"),
}
