"""How the authorization servers of vendors differ, and what their APIs list: facts of their
documentation, not of our declarations, so that the two are compared where they meet."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

DAY: Final = 86_400
Answer = tuple[int, Any]
"""Status and content."""


def _by_rfc(error: str) -> Answer:
    # The description of a real server may hold what was sent; ours shows that nobody keeps it.
    status = 401 if error == "invalid_client" else 400
    return status, {"error": error, "error_description": "secret-1"}


def _bare(error: str) -> Answer:
    return 401 if error == "invalid_client" else 400, {"error": error}


def _klaviyo(error: str) -> Answer:
    return _bare("invalid_grant_type" if error == "unsupported_grant_type" else error)


def _pinterest(error: str) -> Answer:
    return 401, {"code": 2, "message": f"Authentication failed: {error}"}


def _tiktok(_: str) -> Answer:
    return 200, {"code": 40002, "message": "secret-1", "data": {}}


@dataclass(frozen=True, slots=True)
class Dialect:
    """`pages`: answers of the API by path. `refused`: status and answer for a bad token, `no_token`
    those for an error of RFC 6749 where tokens are sold. `seconds` that an access token lasts.
    `renews_scope`: a refresh says the scope, too."""

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
    refused: Answer = (401, {"error": "invalid_token"})
    no_token: Callable[[str], Answer] = _by_rfc
    seconds: int = 3_600
    renews_scope: bool = False


DIALECTS: Final[dict[str, Dialect]] = {
    "google_ads": Dialect(
        pkce=True,
        scope="https://www.googleapis.com/auth/adwords",
        needs={"access_type": "offline"},
        pages={"/customers:listAccessibleCustomers": {"resourceNames": ["customers/1234567890"]}},
        refused=(401, {"error": {"code": 401, "status": "UNAUTHENTICATED"}}),
        seconds=3_599,
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
        no_token=_klaviyo,
    ),
    "linkedin": Dialect(
        scope="rw_conversions r_ads r_ads_reporting",
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
    "microsoft_ads": Dialect(
        pkce=True,
        scope="https://ads.microsoft.com/msads.manage offline_access",
        renews_scope=True,
    ),
    "pinterest": Dialect(
        basic=True,
        scope="ads:write",
        pages={
            "/ad_accounts": {"items": [{"id": "549755885175", "name": "Shop"}]},
            "/ad_accounts/549755885175": {"id": "549755885175"},
        },
        refused=(401, {"code": 2, "message": "Authentication failed."}),
        no_token=_pinterest,
        seconds=30 * DAY,
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
        no_token=_bare,
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
        no_token=_tiktok,
    ),
}
