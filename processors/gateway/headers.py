"""Headers that keep a browser from making more of an answer than it is, made once at the start.

Answers are never stored nor sniffed. A script or image is there for other sites to show; of
everything else nothing is.
"""

from collections.abc import Sequence
from typing import Final

from processors.gateway.settings import GatewaySettings

Header = tuple[bytes, bytes]

_NOT_SNIFFED: Final = (b"x-content-type-options", b"nosniff")
_NOT_STORED: Final = (b"cache-control", b"no-store")
_FOR_OTHER_SITES: Final = (b"cross-origin-resource-policy", b"cross-origin")
_FOR_OURS: Final = (b"cross-origin-resource-policy", b"same-origin")
_HTML: Final = [
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (
        b"content-security-policy",
        b"default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline';"
        b" connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
]
_SHOWN_ELSEWHERE: Final = (b"text/javascript", b"application/javascript", b"image/")


class Headers:
    """The headers of this gateway."""

    def __init__(self, settings: GatewaySettings) -> None:
        always = [_NOT_SNIFFED]
        if settings.hsts_seconds:
            value = b"max-age=%d; includeSubDomains" % settings.hsts_seconds
            always.append((b"strict-transport-security", value))
        self.answer: Sequence[Header] = (*always, _NOT_STORED)
        """Of an answer in JSON."""
        self._file = (*always, _FOR_OTHER_SITES)
        self._page = (*always, _NOT_STORED, _FOR_OURS)

    def page(self, kind: bytes) -> Sequence[Header]:
        """Of a page of this content type."""
        if kind.startswith(_SHOWN_ELSEWHERE):
            return self._file
        return (*self._page, *_HTML) if kind.startswith(b"text/html") else self._page
