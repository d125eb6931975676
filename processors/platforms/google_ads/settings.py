"""How to reach Google Ads."""

from typing import Final

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from processors.engine.settings import Settings
from processors.platforms.base import ACCOUNT_ID, OAUTH_PART, Connection, ConnectionField
from processors.platforms.google_ads import accounts

CONNECTION: Final[Connection] = {
    "google_ads_customer_id": ConnectionField(ACCOUNT_ID, accounts.customer_id),
    "google_ads_conversion_actions": ConnectionField(accounts.ACTIONS, accounts.conversion_actions),
    "google_ads_refresh_token": ConnectionField(OAUTH_PART),
    "google_ads_client_id": ConnectionField("client_id"),
    "google_ads_client_secret": ConnectionField("client_secret"),
    "google_ads_login_customer_id": ConnectionField(accounts.LOGIN, accounts.customer_id),
    "google_ads_developer_token": ConnectionField(accounts.DEVELOPER),
    "google_ads_api": ConnectionField(accounts.API, accounts.api),
}
"""`google_ads_conversion_actions` is `Purchase=987,Lead=988`; what is not there is not sent. The
login customer is the manager through which the account is reached. Developer tokens ended on
2026-09-09 (Google Ads API, "Developer token"); one that is given is still sent."""


class GoogleAdsSettings(Settings):
    """Hosts and versions of both APIs, and where access tokens are bought."""

    model_config = SettingsConfigDict(env_prefix="ATTRIBUTARY_GOOGLE_ADS_")

    base_url: str = Field("", description="instead of the own hosts of both APIs")
    data_manager_url: str = Field("https://datamanager.googleapis.com", min_length=1)
    uploads_url: str = Field("https://googleads.googleapis.com", min_length=1)
    token_url: str = Field("https://oauth2.googleapis.com/token", min_length=1)
    data_manager_version: str = Field("v1", pattern=r"^v\d+$")
    version: str = Field("v26", pattern=r"^v\d+$", description="of the Google Ads API")
    timeout_seconds: float = Field(30.0, gt=0)
    validate_only: bool = Field(False, description="all is checked and nothing counts")

    @property
    def data_manager(self) -> str:
        """Where the Data Manager API answers."""
        return f"{(self.base_url or self.data_manager_url).rstrip('/')}/{self.data_manager_version}"

    @property
    def uploads(self) -> str:
        """Where the Google Ads API answers."""
        return f"{(self.base_url or self.uploads_url).rstrip('/')}/{self.version}"
