"""What the fault matrix has to know of each platform: accounts, events, and troubles in the
vendor's own shape, which the simulator's rules do not make by themselves for one account alone."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from processors.engine.sealing import Sealer
from processors.platforms.google_ads.accounts import conversion_actions
from processors.platforms.linkedin.settings import conversions
from processors.platforms.microsoft_ads.settings import goals
from schemas.delivery import Delivery, Platform
from tests.integration.fanout.field import event

SEAL_KEY: Final = bytes(range(64))
PERSON: Final = {
    "user_agent": "Mozilla/5.0",
    "url": "https://shop.example.com/",
    "ip": "203.0.113.7",
}
Step = dict[str, Any]
Told = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Vendor:
    """One platform. `good` and `bad`: what an event of it has, and what one has that it can never
    take. `throttled`, `expired`: answers; `expired` or `revoked` as text: what the simulator is
    told of the token instead. None: the vendor has no such thing."""

    good: Callable[[str], dict[str, Any]] = lambda _: {}
    bad: Callable[[str], dict[str, Any]] = lambda _: {"value": None}
    said: Mapping[str, str] = field(default_factory=dict)
    throttled: Step = field(default_factory=lambda: {"status": 429})
    expired: Step | str | None = None
    revoked: Step | str | None = None
    names: tuple[str, ...] = ("Purchase",) * 3
    tells_refusals: bool = True
    account_id: Callable[[str], str] = lambda tenant: f"px-{tenant}"
    scripted: Callable[[str, str], str] = lambda tenant, _: f"px-{tenant}"
    """The account by which a script knows a tenant of this token."""
    refused_id: Callable[[str], str] = lambda event_id: event_id
    accepted_id: Callable[[str], str] = lambda found: found

    def delivery(self, platform: Platform, tenant: str, n: int, *, good: bool = True) -> Delivery:
        """The n-th event of a tenant."""
        event_id = f"{tenant}-{n if good else 'bad'}"
        shape = self.good(event_id) if good else self.good(event_id) | self.bad(event_id)
        name = self.names[n] if good else "Purchase"
        return event(event_id, tenant=tenant, platform=platform, name=name, **shape)


def digits(tenant: str) -> str:
    """An account id for a platform that numbers its accounts."""
    return str(int.from_bytes(hashlib.sha256(tenant.encode()).digest()[:4]))


def _token(_: str, token: str) -> str:
    return token


def _sealed(event_id: str, tenant: str | None = None) -> dict[str, Any]:
    whose = tenant or event_id.rpartition("-")[0]
    sealed = Sealer(SEAL_KEY).seal(whose, {"email": f"{event_id}@example.com"})
    return {"user_data": {"sealed": sealed}}


def _click(event_id: str) -> str:
    return f"{event_id}-dd4afcccb1c9a4cad9544dd7e5"


def _google(status: int, name: str, **detail: str) -> Step:
    """A refusal of the Data Manager API, with its detail."""
    error = {"code": status, "status": name, "details": [detail]}
    return {"status": status, "body": {"error": error}}


_META: Final = Vendor(
    throttled={
        "status": 400,
        "body": {"error": {"code": 613}},
        "headers": {
            "X-Business-Use-Case-Usage": '{"1":[{"estimated_time_to_regain_access":0.02}]}'
        },
    },
    expired={"status": 401, "body": {"error": {"code": 190, "error_subcode": 463}}},
    revoked="accounts",
)
_WITHOUT_BODY: Final = {"status": 429, "headers": {"Retry-After": "1"}}
_ONE_CLIENT_EACH: Final = ("Purchase", "PageView", "ViewContent")
_NOBODY: Final = {"url": "https://shop.example.com/"}

VENDORS: Final[dict[Platform, Vendor]] = {
    "ga4": Vendor(
        names=_ONE_CLIENT_EACH,
        throttled=_WITHOUT_BODY,
        tells_refusals=False,
        scripted=lambda tenant, _: f"G-{tenant}",
    ),
    "google_ads": Vendor(
        good=lambda _: {"marketing": {"gclid": "Cj0K"}},
        bad=lambda _: {"marketing": {}},
        said={
            "conversion_actions": conversion_actions("Purchase=987"),
            "login_customer_id": "9876543210",
            "api": "data_manager",
        },
        throttled=_google(429, "RESOURCE_EXHAUSTED", retryDelay="1s"),
        expired=_google(401, "UNAUTHENTICATED", reason="ACCESS_TOKEN_EXPIRED"),
        revoked="revoked",
        account_id=lambda tenant: digits(tenant).zfill(10),
        scripted=_token,
    ),
    "klaviyo": Vendor(
        good=_sealed,
        bad=lambda event_id: _sealed(event_id, "another"),
        said={"refresh_token": ""},
        throttled={**_WITHOUT_BODY, "body": {"errors": [{"status": 429, "code": "throttled"}]}},
        expired={
            "status": 401,
            "body": {"errors": [{"status": 401, "code": "authentication_failed"}]},
        },
        revoked="revoked",
        scripted=lambda _, token: hashlib.sha256(token.encode()).hexdigest()[:8],
    ),
    "linkedin": Vendor(
        good=lambda _: {"marketing": {"li_fat_id": "df5gf5-gh6t7"}},
        bad=lambda _: {"marketing": {}},
        said={"refresh_token": "", "conversions": conversions("Purchase=7,OTHER=8")},
        throttled={**_WITHOUT_BODY, "body": {"status": 429, "code": "TOO_MANY_REQUESTS"}},
        expired="expired",
        revoked="revoked",
        scripted=_token,
    ),
    "meta": _META,
    "microsoft_ads": Vendor(
        good=lambda event_id: {"marketing": {"msclkid": _click(event_id)}},
        bad=lambda _: {"marketing": {}},
        said={
            "customer_id": "25",
            "goals": goals("Purchase=Sale"),
            "enhanced_conversions": "off",
        },
        throttled={
            **_WITHOUT_BODY,
            "body": {"Errors": [{"Code": 117, "ErrorCode": "CallRateExceeded"}]},
        },
        expired={
            "status": 401,
            "body": {"Errors": [{"Code": 109, "ErrorCode": "AuthenticationTokenExpired"}]},
        },
        revoked="revoked",
        account_id=digits,
        scripted=lambda tenant, _: digits(tenant),
        refused_id=_click,
        accepted_id=lambda found: found.partition(" ")[0].rpartition("-")[0],
    ),
    "pinterest": Vendor(
        good=lambda _: {"browser": PERSON},
        bad=lambda _: {"browser": _NOBODY},
        throttled={
            "status": 429,
            "body": {"code": 8},
            "headers": {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1"},
        },
        expired={"status": 401, "body": {"code": 2}},
        revoked="revoked",
    ),
    "sgtm": Vendor(
        names=_ONE_CLIENT_EACH,
        throttled=_WITHOUT_BODY,
        revoked={"status": 403},
        scripted=_token,
    ),
    "snapchat": Vendor(
        good=lambda _: {"browser": PERSON},
        bad=lambda _: {"browser": _NOBODY},
        throttled={
            **_WITHOUT_BODY,
            "body": {"status": "INVALID", "errors": {"codes": ["E429"]}},
        },
        expired={"status": 401, "body": {"status": "INVALID", "errors": {"codes": ["E401"]}}},
        revoked="revoked",
    ),
    "tiktok": Vendor(
        bad=lambda _: {"browser": {"user_agent": "Mozilla/5.0"}},
        throttled={"status": 200, "body": {"code": 40100, "message": "Too many requests"}},
        expired="expired",
        revoked="accounts",
        scripted=_token,
    ),
    "whatsapp": Vendor(
        good=lambda _: {"marketing": {"ctwa_clid": "ARAkLkA+rmso"}},
        bad=lambda _: {"marketing": {"fbclid": "IwAR"}},
        throttled=_META.throttled,
        expired=_META.expired,
        revoked="accounts",
    ),
}
