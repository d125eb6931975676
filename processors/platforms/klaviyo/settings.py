"""How to reach Klaviyo."""

from typing import Final

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from processors.engine.settings import Settings
from processors.platforms.base import ACCOUNT_ID, OAUTH_PART, Connection, ConnectionField
from processors.platforms.grant import Grant, Listing, Probe

CONNECTION: Final[Connection] = {
    "klaviyo_company_id": ConnectionField(ACCOUNT_ID),
    "klaviyo_private_key": ConnectionField("private_key"),
    "klaviyo_refresh_token": ConnectionField(OAUTH_PART),
    "klaviyo_client_id": ConnectionField("client_id"),
    "klaviyo_client_secret": ConnectionField("client_secret"),
}
"""The company id is the account's public one and names it only; a private key, or the three of an
OAuth app, open it. With both, the key is used."""

_REVISION: Final = "2026-07-15"
GRANT: Final = Grant(
    authorize_url="https://www.klaviyo.com/oauth/authorize",
    exchange_url="https://a.klaviyo.com/oauth/token",
    api_url="https://a.klaviyo.com/api",
    scopes=("accounts:read", "events:write", "profiles:write"),
    pkce=True,
    basic=True,
    headers={"revision": _REVISION},
    listings=(
        Listing("/accounts", "data", name="attributes.contact_information.organization_name"),
    ),
    probe=Probe("/accounts"),
    revoke_url="https://a.klaviyo.com/oauth/revoke",
)
"""Klaviyo, "Set up OAuth": PKCE is required; the refresh token stays the same, and ends when it was
not used for 90 days."""


class KlaviyoSettings(Settings):
    """Base URL and revision of the API, and the key under which people's details are sealed."""

    model_config = SettingsConfigDict(env_prefix="ATTRIBUTARY_KLAVIYO_")

    base_url: str = Field("https://a.klaviyo.com", min_length=1)
    token_url: str = Field("https://a.klaviyo.com/oauth/token", min_length=1)
    revision: str = Field(
        _REVISION,
        pattern=r"^\d{4}-\d{2}-\d{2}(\.[a-z0-9-]+)?$",
        description="of the API; one lives about two years",
    )
    timeout_seconds: float = Field(10.0, gt=0)
    purchase_name: str = Field(
        "Placed Order",
        min_length=1,
        max_length=127,
        description="another one where Klaviyo's own shop integration makes Placed Order already",
    )
    backfill: bool = Field(False, description="events are kept and start no flow: for a trial")
    seal_key: SecretStr | None = Field(
        None,
        validation_alias="ATTRIBUTARY_SEAL_KEY",
        description="the gateway's; without it sealed details cannot be opened and events wait",
    )
