"""Headers that keep a browser from making more of an answer than it is, made once at the start.

Answers are never stored nor sniffed, load nothing, stand in no frame, and send nobody on with their
own address. What pages of other sites ask for (doors for events, scripts, images) they may have; of
everything else nothing. `Strict-Transport-Security` is a setting, since TLS ends before us.
"""

import re
from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256
from typing import Final

from processors.gateway.settings import GatewaySettings

Header = tuple[bytes, bytes]

_NOT_SNIFFED: Final = (b"x-content-type-options", b"nosniff")
_NOT_STORED: Final = (b"cache-control", b"no-store")
_NO_REFERRER: Final = (b"referrer-policy", b"no-referrer")
_LOADS_NOTHING: Final = (
    b"content-security-policy",
    b"default-src 'none'; frame-ancestors 'none'",
)
_FOR_OTHER_SITES: Final = (b"cross-origin-resource-policy", b"cross-origin")
_FOR_OURS: Final = (b"cross-origin-resource-policy", b"same-origin")
_INLINE: Final = re.compile(rb"<(script|style)>(.*?)</\1>", re.DOTALL)
_SHOWN_ELSEWHERE: Final = (b"text/javascript", b"application/javascript", b"image/")


class Headers:
    """The headers of this gateway."""

    def __init__(self, settings: GatewaySettings) -> None:
        self.always: Sequence[Header] = (_NOT_SNIFFED,)
        """Of whatever has the others by itself."""
        if settings.hsts_seconds:
            value = b"max-age=%d; includeSubDomains" % settings.hsts_seconds
            self.always = (*self.always, (b"strict-transport-security", value))
        private = (*self.always, _NOT_STORED, _NO_REFERRER, _LOADS_NOTHING)
        self.answer: Sequence[Header] = (*private, _FOR_OTHER_SITES)
        """Of an answer of a door for events, which pages of any site come to."""
        self.told: Sequence[Header] = (*private, _FOR_OURS)
        """Of an answer that tells of a tenant."""
        self._file = (*self.always, _FOR_OTHER_SITES)

    def page(self, kind: bytes, content: bytes) -> Sequence[Header]:
        """Of a page of this content type."""
        if kind.startswith(_SHOWN_ELSEWHERE):
            return self._file
        return _page(self.told, content) if kind.startswith(b"text/html") else self.told


def _page(told: Sequence[Header], content: bytes) -> Sequence[Header]:
    """A page runs what is written in it and nothing else: known by its hash."""
    may = {b"script": b"", b"style": b""}
    for kind, text in _INLINE.findall(content):
        may[kind] += b" 'sha256-%s'" % b64encode(sha256(text).digest())
    policy = (
        b"default-src 'none'; script-src%s; style-src%s; connect-src 'self'; base-uri 'none';"
        b" form-action 'none'; frame-ancestors 'none'" % (may[b"script"], may[b"style"])
    )
    others = [header for header in told if header != _LOADS_NOTHING]
    return (*others, (b"x-frame-options", b"DENY"), (b"content-security-policy", policy))
