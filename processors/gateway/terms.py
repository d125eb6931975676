"""Whether a request keeps to the rules of its key.

Most keys are bound to nothing beyond their kind, and a request of theirs pays one look at `rules`.
"""

from collections.abc import Mapping, MutableMapping
from typing import Any, Final

from processors.gateway.keys import Key, Login, Role
from processors.gateway.query import first
from processors.gateway.refusal import Problem
from processors.gateway.registry import find

PLATFORMS: Final = "/api/admin/attribution/platforms"
API: Final = ("/api/v1/", PLATFORMS)
"""Where a login's token is good, and pages of any site may ask."""
_RANK: Final[dict[Role, int]] = {"viewer": 0, "analyst": 1, "admin": 2}
_SHOWN: Final = 200


def admitted(
    key: Key, scope: MutableMapping[str, Any], headers: Mapping[bytes, bytes], *, now: int
) -> Key:
    """The key under which the request is served.

    Raises:
        Problem: 401 after the key's end, 403 for another page, tenant or a role that may not.
    """
    rules = key.rules
    if rules is None:
        return key
    if rules.until is not None and now >= rules.until:
        raise Problem(401, "unauthorized", "the key or token has expired")
    if rules.origins is not None and b"origin" in headers:
        origin = headers[b"origin"].decode("latin-1")
        if not rules.origins.names(origin):
            detail = f"origin {origin[:_SHOWN]} is not one of this key's origins"
            raise Problem(403, "origin_not_allowed", detail)
    if rules.login is None:
        return key
    _permit(rules.login.role, scope)
    tenant = _tenant(rules.login, headers, scope["query_string"])
    return Key(tenant, True, key.bucket, rules)


def _permit(role: Role, scope: MutableMapping[str, Any]) -> None:
    """A viewer reads; an analyst also changes what is looked at; events are an admin's."""
    path, method = scope["path"], scope["method"]
    if not path.startswith(API):
        raise Problem(
            403, "forbidden", f"a login's token is for {' and '.join(API)} alone; use a key"
        )
    needed: Role = "viewer"
    if method not in ("GET", "HEAD"):
        needed = "analyst" if find(path) is None else "admin"
    if _RANK[role] < _RANK[needed]:
        raise Problem(403, "forbidden", f"this needs the role {needed}; the login is {role}")


def _tenant(login: Login, headers: Mapping[bytes, bytes], query: bytes) -> str:
    said = headers.get(b"x-attributary-tenant", b"").decode("latin-1").strip()
    said = said or first(query, b"tenant")
    if said:
        if said not in login.tenants:
            raise Problem(403, "forbidden", "that tenant is not one of this login's")
        return said
    if len(login.tenants) != 1:
        detail = "name one of the login's tenants, as X-Attributary-Tenant or ?tenant="
        raise Problem(400, "tenant_needed", detail)
    return login.tenants[0]
