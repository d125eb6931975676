"""How a connection does: what the vendor answers to a cheap authenticated read, or, where there is
none that our token may read, what became of the last deliveries."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from processors.platforms.base import DAY_MS, Result
from processors.platforms.grant import EXPIRES
from processors.platforms.http import Reply, Silence

State = Literal["healthy", "degraded", "needs_reauth", "revoked", "unknown"]
LOOK_BACK_DAYS: Final = 7
SOON_MS: Final = 7 * DAY_MS

_META_TOKEN: Final = 190
_META_REMOVED: Final = 458
"""Graph API, "Handling Errors": 190 is a token that is no good; its subcode 458: the person has
removed the app."""
_TIKTOK_TOKEN: Final = frozenset({40102, 40104, 40105})
"""API for Business, "Return Codes": a token that has expired, is empty, or is wrong or revoked."""
_LINKEDIN_REVOKED: Final = "REVOKED_ACCESS_TOKEN"


@dataclass(frozen=True, slots=True)
class Health:
    """A state, and what told: `probe`, `deliveries`, `credentials` or `spend`."""

    state: State
    reason: str
    source: Literal["probe", "deliveries", "credentials", "spend"] = "probe"


def of_reply(reply: Reply | Silence) -> Health:
    """What a vendor's answer to a read means."""
    if isinstance(reply, Silence):
        return Health("degraded", f"no answer: {reply.error}")
    said, status = _object(reply.body), reply.status
    error = said.get("error")
    if isinstance(error, dict) and error.get("code") == _META_TOKEN:
        if error.get("error_subcode") == _META_REMOVED:
            return Health("revoked", "the app was removed")
        return Health("needs_reauth", "the token is refused: 190")
    code = said.get("code")
    if status == 401 and code == _LINKEDIN_REVOKED:
        return Health("revoked", "the token was revoked")
    if code in _TIKTOK_TOKEN:
        return Health("needs_reauth", f"the token is refused: {code}")
    if status == 401:
        return Health("needs_reauth", "the token is refused: HTTP 401")
    if status == 200 and (code is None or code == 0):
        return Health("healthy", "answered")
    return Health("degraded", f"answered HTTP {status}" + (f", {code}" if _short(code) else ""))


def of_token(result: Result) -> Health:
    """When no access token could be bought."""
    state: State = "needs_reauth" if result.verdict == "reauth" else "degraded"
    return Health(state, result.error or result.verdict)


def of_deliveries(latest: Sequence[Any], *, now: int) -> Health:
    """From attempts, latest first; `now` in epoch milliseconds."""
    if not latest:
        return Health("unknown", f"nothing was sent for {LOOK_BACK_DAYS} days", "deliveries")
    newest = latest[0]["status"]
    if newest == "reauth":
        return Health("needs_reauth", "the last delivery was refused: reauth", "deliveries")
    bad = sum(row["status"] != "sent" for row in latest)
    minutes = (now - latest[0]["created_at"]) // 60_000
    told = f"{len(latest) - bad} of the last {len(latest)} accepted, {minutes} minutes ago"
    return Health("degraded" if 2 * bad > len(latest) else "healthy", told, "deliveries")


def of_spend(asked: Health, refusal: str) -> Health:
    """When it does not tell what its ads cost: who may send and not read does half of its work."""
    state: State = "degraded" if asked.state == "healthy" else "needs_reauth"
    return Health(state, f"spend: {refusal}", "spend")


def of_end(credentials: dict[str, str], *, now: int) -> Health | None:
    """When an access token that is not refreshed ends soon, or has; None for long yet."""
    ends = credentials.get(EXPIRES, "")
    if not ends.isdigit() or int(ends) - now > SOON_MS:
        return None
    if int(ends) <= now:
        return Health("needs_reauth", "the token has ended", "credentials")
    days = (int(ends) - now) // DAY_MS
    return Health("degraded", f"the token ends in {days} days: sign in again", "credentials")


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _short(code: object) -> bool:
    return isinstance(code, int)
