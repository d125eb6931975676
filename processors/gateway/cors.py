"""Which pages of other origins may read an answer: a list of a key's own, else the setting's.

An origin that a list names is repeated, and may send cookies. Everybody (`*`) is answered as such,
without cookies. A preflight cannot show a key in a header, so it is allowed what any key allows;
the request itself is then held against its key.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from processors.domain.origins import Origins
from processors.gateway.keys import Key

Header = tuple[bytes, bytes]

VARY: Final = (b"vary", b"Origin")
ALLOW: Final = b"access-control-allow-origin"
_EVERYBODY: Final = (ALLOW, b"*")
_COOKIES: Final = (b"access-control-allow-credentials", b"true")
_SHOWN: Final = (b"access-control-expose-headers", b"retry-after")
"""So that a page's SDK waits as long as it is asked to, not as long as it likes."""
_PRIVATE_ASKED: Final = b"access-control-request-private-network"
_PRIVATE: Final = (b"access-control-allow-private-network", b"true")
PREFLIGHT: Final = [
    (b"access-control-allow-methods", b"GET, POST, OPTIONS"),
    (
        b"access-control-allow-headers",
        b"authorization, content-type, content-encoding, x-api-key, x-dry-run, x-anonymous,"
        b" x-attributary-signature, x-attributary-tenant,"
        # RudderStack's browser SDK sends these,
        b" anonymousid, sentat, rsa-recovered, rsa-retry-attempt, rsa-retry-reason,"
        b" rsa-since-first-attempt, rsa-since-last-attempt,"
        # and Segment's this one, with what it sends again.
        b" x-retry-count",
    ),
    (b"access-control-max-age", b"7200"),
]


class Cors:
    """The setting's list; `key_origins` is that of all keys together."""

    def __init__(self, allowed: Iterable[str]) -> None:
        self._setting = Origins(allowed)

    def answer(self, origin: bytes, key: Key | None) -> list[Header]:
        """For an answer to a page of the origin."""
        own = None if key is None or key.rules is None else key.rules.origins
        allowed = self._allowed(origin, (own or self._setting,))
        return allowed if allowed == [VARY] else [*allowed, _SHOWN]

    def preflight(
        self, headers: Mapping[bytes, bytes], key: Key | None, key_origins: Origins
    ) -> list[Header]:
        """For the question whether a page may ask."""
        origin = headers.get(b"origin", b"null")
        if key is not None:
            allowed = self.answer(origin, key)
        else:
            allowed = self._allowed(origin, (self._setting, key_origins))
        if _PRIVATE_ASKED in headers and _COOKIES in allowed:
            allowed.append(_PRIVATE)
        return [*allowed, *PREFLIGHT]

    def _allowed(self, origin: bytes, lists: tuple[Origins, ...]) -> list[Header]:
        said = origin.decode("latin-1")
        if any(known.names(said) for known in lists):
            return [(ALLOW, origin), _COOKIES, VARY]
        if any(known.any for known in lists):
            return [_EVERYBODY, VARY]
        return [VARY]
