"""The first-party id cookie of a browser door: the visitor id, renewed by every answer.

There are two, so that a page may read the id and no script can lengthen its life: one for the door
alone (HttpOnly) and its twin for the page. The body's visitor id wins and the cookie is aligned to
it; without one in the body the cookie's is taken; without either a new one is made where consent
allows storage. Where it does not no cookie is read or set, and one that is there ends.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote, unquote, urlsplit

from processors.domain.identifiers import is_junk
from processors.gateway.policy import Policy, domain_of

NAME: Final = "_attributary_id"
TWIN: Final = "_attributary_visitor"
LIFETIME_SECONDS: Final = 395 * 86_400
"""What browsers allow at most is 400 days."""

_LONGEST: Final = 256
_Header = tuple[bytes, bytes]


@dataclass(slots=True)
class Cookie:
    """The cookie of one request: what came, and what will be set. `visitor` is None as long as
    nothing is to be set; an empty one ends the cookie."""

    same_site: str
    domain: str | None
    origin: bytes | None
    presented: str | None
    visitor: str | None = field(default=None)

    def settle(self, own: str | None, *, allowed: bool) -> str | None:
        """The visitor id of an item that has `own` or none; notes what the cookie becomes."""
        if not allowed:
            self.visitor = "" if self.presented is not None else None
            return own
        found = own or self.visitor or self.presented or uuid.uuid4().hex
        self.visitor = found
        return found

    def headers(self) -> list[_Header]:
        """What the answer says beside its usual headers."""
        found = [] if self.origin is None else credentials_for(self.origin)
        if self.visitor is not None:
            found += [
                (b"set-cookie", self._written(NAME, " HttpOnly;")),
                (b"set-cookie", self._written(TWIN, "")),
            ]
        return found

    def _written(self, name: str, only: str) -> bytes:
        value = quote(self.visitor or "", safe="")
        age = LIFETIME_SECONDS if self.visitor else 0
        domain = f" Domain={self.domain};" if self.domain else ""
        text = f"{name}={value}; Path=/; Max-Age={age};{domain}{only} Secure;"
        return f"{text} SameSite={self.same_site}".encode()


def cookie_of(headers: Mapping[bytes, bytes], policy: Policy) -> Cookie | None:
    """The cookie of a request to a tenant that has one."""
    if policy.same_site is None:
        return None
    host = headers.get(b"host", b"").decode("latin-1").rsplit(":", 1)[0]
    return Cookie(
        same_site=policy.same_site,
        domain=domain_of(host, policy.cookie_domains),
        origin=trusted(headers.get(b"origin"), policy.cookie_domains),
        presented=_presented(headers.get(b"cookie", b"")),
    )


def remembered(visitor: str) -> Cookie:
    """The cookie of a request that comes again, which sets none."""
    return Cookie(same_site="", domain=None, origin=None, presented=visitor)


def trusted(origin: bytes | None, domains: tuple[str, ...]) -> bytes | None:
    """The origin if it is a page of one of the domains: only it may send cookies along."""
    if origin is None or not domains:
        return None
    try:
        host = urlsplit(origin.decode("ascii")).hostname
    except ValueError:
        return None
    return origin if host and domain_of(host, domains) else None


def credentials_for(origin: bytes) -> list[_Header]:
    """What lets a page of the origin send its cookies and read the answer."""
    return [
        (b"access-control-allow-origin", origin),
        (b"access-control-allow-credentials", b"true"),
        (b"vary", b"Origin"),
    ]


def _presented(header: bytes) -> str | None:
    """The id that came, if it can be one."""
    for part in header.decode("latin-1").split(";"):
        name, _, value = part.strip().partition("=")
        if name == NAME:
            found = unquote(value.strip().strip('"'))
            if found.isprintable() and len(found) <= _LONGEST and not is_junk(found):
                return found.strip() or None
            return None
    return None
