"""A visitor who wishes to be nobody: counted, and not recognised tomorrow.

`X-Anonymous: *` or `?anonymous=1` on a browser door, or every visitor of a tenant that set
`anonymous_visitors=always`. No cookie; ids, personal details, session, order, properties, address
and agent are left out; values of click ids are removed, though that there was one stays, since the
channel hangs on it; all consent is denied, so no platform hears of it. In place of the visitor
stands a hash, under a secret of the deployment, of tenant, UTC day, cut address and agent: the
visits of a day are one visitor's, and those of two days cannot be joined. The record has the
hash and not what it is made of, so the log stays the truth and a repetition is the same.
"""

import hashlib
import hmac
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from processors.domain.addresses import truncated
from processors.domain.consent import DENIED, FLAGS
from processors.domain.urls import CLICK_IDS, marketing
from processors.gateway.scrub import REMOVED

if TYPE_CHECKING:
    from processors.gateway.draft import Draft

_DAY_MS: Final = 86_400_000
_HEX_DIGITS: Final = 24
_DROPPED: Final = ("session_id", "checkout_id", "order_id", "order_source", "properties")


def visitor_of_the_day(
    secret: bytes, *, tenant: str, received_at: int, ip: str | None, agent: str | None
) -> str:
    """The id that stands for the visitor until midnight, UTC."""
    parts = (tenant, str(received_at // _DAY_MS), truncated(ip or "") or "", agent or "")
    digest = hmac.new(secret, "\n".join(parts).encode(errors="replace"), hashlib.sha256)
    return f"anon-{digest.hexdigest()[:_HEX_DIGITS]}"


def forget(draft: "Draft", visitor: str) -> None:
    """Leave of the item what says nothing of who it was."""
    out, person, browser = draft.out, draft.person, draft.browser
    for name in _DROPPED:
        out.pop(name, None)
    person.ids.clear()
    person.clear.clear()
    person.hashed.clear()
    for name in CLICK_IDS:
        if name in draft.marketing:
            draft.marketing[name] = REMOVED
    browser.pop("ip", None)
    browser.pop("user_agent", None)
    if "url" in browser:
        browser["url"] = _page(browser["url"])
    if "referrer" in browser:
        browser["referrer"] = _bare(browser["referrer"])
    out["visitor_id"] = visitor
    out["consent"] = dict.fromkeys(FLAGS, DENIED)


def _page(url: str) -> str:
    """The page and what the URL says of the campaign."""
    said = {name: REMOVED if name in CLICK_IDS else value for name, value in marketing(url).items()}
    return f"{_bare(url)}?{urlencode(said)}" if said else _bare(url)


def _bare(url: str) -> str:
    return url.partition("?")[0].partition("#")[0]
