"""What a request means for the record of an item: whose visit it was, what the browser forbids, how
much of the address is kept, whether a robot made it.

It is stamped into the record here, at the door, so the log says all of it.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from processors.domain import robots
from processors.domain.addresses import truncated
from processors.domain.consent import DENIED
from processors.domain.fingerprints import device_fingerprint
from processors.gateway import anonymity
from processors.gateway.policy import Policy
from processors.gateway.visit import Visit

if TYPE_CHECKING:
    from processors.gateway.draft import Draft

_STORAGE: Final = "analytics_storage"
_USUAL_LENGTH: Final = 512
"""Of a user agent that is remembered: nobody fills the memory with endless ones."""
_IMPOSSIBLE_MS: Final = 60_000
"""No clock is so far ahead of itself."""


def settle(draft: "Draft", visit: Visit, *, decision: bool = False) -> None:
    """Whose visit the item is, once it was read; a decision keeps the ids that it is about."""
    if visit.nobody is not None:
        if not decision:
            anonymity.forget(draft, visit.nobody)
    elif visit.cookie is not None:
        allowed = _allows(draft, visit)
        own = visit.cookie.settle(draft.out.get("visitor_id"), allowed=allowed)
        if own is not None:
            draft.out["visitor_id"] = own


def shield(draft: "Draft") -> None:
    """Stamp what the browser forbids, and keep of the address what may be kept: all of it only
    where an ad platform may be told of the event."""
    door, out, browser = draft.door, draft.out, draft.browser
    visit = door.visit
    if visit is not None and visit.denied:
        out["consent"] = {**out.get("consent", {}), **dict.fromkeys(visit.denied, DENIED)}
    address = browser.get("ip")
    if address is None:
        return
    kept = kept_of(address, out.get("consent"), door.policy)
    if kept is None:
        del browser["ip"]
    else:
        browser["ip"] = kept


def kept_of(address: str, consent: Mapping[str, str] | None, policy: Policy) -> str | None:
    """What may be kept of an address."""
    keeps = policy.addresses
    if keeps == "full":
        if consent is None or consent.get("ad_user_data") != DENIED:
            return address
        keeps = "truncated"
    return truncated(address) if keeps == "truncated" else None


def describe(draft: "Draft", record: dict[str, Any]) -> None:
    """Stamp what made the hit: a robot, and the coarse hash of the device."""
    door, visit = draft.door, draft.door.visit
    agent = draft.browser.get("user_agent")
    signs: tuple[str, ...] = ()
    if agent:
        hints = ("", "") if visit is None else visit.hints
        remembered = len(agent) <= _USUAL_LENGTH
        look = _of_agent if remembered else _of_agent.__wrapped__
        signs, fingerprint = look(door.tenant, agent, hints)
        if _allows(draft, visit):
            record["device_fingerprint"] = fingerprint
    if visit is not None:
        signs = (*signs, *visit.signs, *_of_item(draft, record))
    if signs and (reasons := robots.judged(signs)):
        record["bot_reasons"] = reasons
        if door.guard is not None:
            door.guard.note(reasons)


@lru_cache(maxsize=4_096)
def _of_agent(tenant: str, agent: str, hints: tuple[str, str]) -> tuple[tuple[str, ...], str]:
    """Its signs of a robot, and the fingerprint of the device."""
    return robots.of_agent(agent), device_fingerprint(tenant, agent, *hints)


def _of_item(draft: "Draft", record: dict[str, Any]) -> tuple[str, ...]:
    """Signs that only the item gives."""
    found: tuple[str, ...] = ()
    door = draft.door
    if draft.item.get("webdriver") is True:
        found = (robots.WEBDRIVER,)
    sent_at, occurred_at = draft.sent_at, draft.occurred_at
    if sent_at is not None and occurred_at is not None and occurred_at > sent_at + _IMPOSSIBLE_MS:
        found = (*found, robots.TIMES)
    if door.index == 0 and door.guard is not None and not door.replay:
        who = record.get("visitor_id") or door.ip
        if who and door.guard.pace.is_too_fast((door.tenant, who), door.received_at):
            found = (*found, robots.PACE)
    return found


def _allows(draft: "Draft", visit: Visit | None) -> bool:
    if visit is not None and _STORAGE in visit.denied:
        return False
    return may_store(draft.out.get("consent"), draft.door.policy)


def may_store(consent: Mapping[str, str] | None, policy: Policy) -> bool:
    """Whether consent lets us keep something of the device, or on it."""
    flag = consent.get(_STORAGE) if consent else None
    return policy.silence_grants if flag is None else flag != DENIED
