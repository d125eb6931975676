"""How the authorization servers of vendors differ, and what their APIs list: facts of their
documentation, not of our declarations, so that the two are compared where they meet."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Dialect:
    """`pages`: answers of the API by path. `refused`: status and answer for a bad token."""

    client: tuple[str, str] = ("client_id", "client_secret")
    code: str = "code"
    pkce: bool = False
    basic: bool = False
    in_json: bool = False
    refreshes: bool = True
    scope: str = ""
    header: str = "authorization"
    needs: Mapping[str, str] = field(default_factory=dict)
    pages: Mapping[str, Any] = field(default_factory=dict)
    refused: tuple[int, Any] = (401, {"error": "invalid_token"})


DIALECTS: Final[dict[str, Dialect]] = {
    "google_ads": Dialect(
        pkce=True,
        scope="https://www.googleapis.com/auth/adwords",
        needs={"access_type": "offline"},
        pages={"/customers:listAccessibleCustomers": {"resourceNames": ["customers/1234567890"]}},
        refused=(401, {"error": {"code": 401, "status": "UNAUTHENTICATED"}}),
    ),
    "klaviyo": Dialect(
        pkce=True,
        basic=True,
        scope="events:write",
        pages={
            "/accounts": {
                "data": [
                    {
                        "type": "account",
                        "id": "AbC123",
                        "attributes": {"contact_information": {"organization_name": "Shop"}},
                    }
                ]
            }
        },
        refused=(401, {"errors": [{"code": "not_authenticated"}]}),
    ),
    "linkedin": Dialect(
        scope="rw_conversions",
        pages={
            "/adAccounts": {"elements": [{"id": 518121035, "name": "Shop"}]},
            "/adAccounts/518121035": {"id": 518121035},
        },
        refused=(401, {"status": 401, "code": "REVOKED_ACCESS_TOKEN"}),
    ),
    "meta": Dialect(
        refreshes=False,
        scope="ads_management",
        pages={
            "/me/adaccounts": {"data": [{"id": "act_11", "name": "Shop"}]},
            "/act_11/adspixels": {
                "data": [{"id": "9001", "name": "Web"}, {"id": "9002", "name": "Tills"}]
            },
            "/9001": {"id": "9001"},
            "/9002": {"id": "9002"},
        },
        refused=(401, {"error": {"code": 190, "error_subcode": 463, "type": "OAuthException"}}),
    ),
    "pinterest": Dialect(
        basic=True,
        scope="ads:write",
        pages={
            "/ad_accounts": {"items": [{"id": "549755885175", "name": "Shop"}]},
            "/ad_accounts/549755885175": {"id": "549755885175"},
        },
        refused=(401, {"code": 2, "message": "Authentication failed."}),
    ),
    "snapchat": Dialect(
        scope="snapchat-marketing-api",
        pages={
            "/me": {"me": {"id": "u"}},
            "/me/organizations": {"organizations": [{"organization": {"id": "o1", "name": "O"}}]},
            "/organizations/o1/adaccounts": {
                "adaccounts": [{"adaccount": {"id": "a1", "name": "A"}}]
            },
            "/adaccounts/a1/pixels": {"pixels": [{"pixel": {"id": "p1", "name": "Web"}}]},
        },
    ),
    "tiktok": Dialect(
        client=("app_id", "secret"),
        code="auth_code",
        in_json=True,
        refreshes=False,
        header="access-token",
        pages={
            "/oauth2/advertiser/get/": {
                "code": 0,
                "data": {"list": [{"advertiser_id": "70", "advertiser_name": "Shop"}]},
            },
            "/pixel/list/": {
                "code": 0,
                "data": {"pixels": [{"pixel_code": "CABC", "pixel_name": "Web"}]},
            },
            "/user/info/": {"code": 0, "data": {"display_name": "x"}},
        },
        refused=(200, {"code": 40105, "message": "Access token is incorrect or has been revoked"}),
    ),
}
