"""How a tenant lets us into Google Ads.

Google's "OAuth 2.0 for Web Server Applications": a refresh token comes only with
`access_type=offline`, and again only with `prompt=consent`; it is not replaced when used. The
accounts are those of `customers:listAccessibleCustomers` of the Google Ads API.
"""

from typing import Final

from processors.platforms.grant import Grant, Listing, Probe

_ACCESSIBLE: Final = "/customers:listAccessibleCustomers"

GRANT: Final = Grant(
    authorize_url="https://accounts.google.com/o/oauth2/v2/auth",
    exchange_url="https://oauth2.googleapis.com/token",
    api_url="https://googleads.googleapis.com/v26",
    scopes=(
        "https://www.googleapis.com/auth/adwords",
        "https://www.googleapis.com/auth/datamanager",
    ),
    pkce=True,
    asked={"access_type": "offline", "prompt": "consent", "include_granted_scopes": "true"},
    listings=(Listing(_ACCESSIBLE, "resourceNames"),),
    probe=Probe(_ACCESSIBLE),
    revoke_url="https://oauth2.googleapis.com/revoke",
)
