"""Who may come in: the key of a request, what it is bound to, and what a page may read of it."""

import time
from collections.abc import Mapping, MutableMapping
from typing import Any, Final

from processors.engine.clock import Clock
from processors.engine.metrics import Metrics
from processors.gateway import cookies, signed_requests
from processors.gateway.access import authorised, in_query
from processors.gateway.cors import PREFLIGHT, Cors, Header
from processors.gateway.directory import Directory, Source
from processors.gateway.keys import Key
from processors.gateway.refusal import Problem
from processors.gateway.settings import GatewaySettings
from processors.gateway.signatures import Claim, claim, is_signed
from processors.gateway.terms import admitted

Scope = MutableMapping[str, Any]
Headers = Mapping[bytes, bytes]

_KEY: Final = "attributary.key"
"""Where a request's scope has its key, once that is known."""


class Admission:
    """The door of one gateway."""

    def __init__(
        self, settings: GatewaySettings, *, directory: Directory, metrics: Metrics, clock: Clock
    ) -> None:
        self._directory = directory
        self._metrics = metrics
        self._clock = clock
        self._cors = Cors(settings.cors_allow_origin.split(","))

    async def key(
        self, scope: Scope, headers: MutableMapping[bytes, bytes], *, server_only: bool
    ) -> Key:
        """The key under which the request is served.

        Raises:
            Problem: 401 without one, 403 when it may not, 429 when its rate limit is reached.
        """
        key = self._directory.snapshot.by_header.get(headers.get(b"authorization", b""))
        if key is None:
            key = await authorised(headers, scope["query_string"], self._directory)
            if key is None:
                raise self.stranger("the key is missing or not known")
        return self.admitted(key, scope, headers, server_only=server_only)

    def admitted(self, key: Key, scope: Scope, headers: Headers, *, server_only: bool) -> Key:
        """The same for a key that was found elsewhere.

        Raises:
            Problem: 401, 403 and 429, as above.
        """
        scope[_KEY] = key
        if key.rules is not None:
            key = admitted(key, scope, headers, now=self._clock())
        if key.bucket is not None and (seconds := key.bucket.wait(1, time.monotonic())):
            raise self._limited(key, seconds)
        if server_only and not key.server:
            raise Problem(403, "forbidden", "this route needs a server key")
        return key

    def stranger(self, detail: str) -> Problem:
        """For somebody who is not known."""
        if not self._directory.loaded:
            return Problem(503, "starting", "keys are not loaded yet", retry_after_seconds=1)
        return Problem(401, "unauthorized", detail)

    def charge(self, key: Key, items: int) -> None:
        """Take so many items from the key's rate limit.

        Raises:
            Problem: 429 when it is reached.
        """
        if key.bucket is not None and (seconds := key.bucket.take(items, time.monotonic())):
            raise self._limited(key, seconds)

    def prove(self, key: Key, headers: Headers, body: bytes) -> None:
        """Check the signature of a key that must sign.

        Raises:
            Problem: 401 when it does not prove the body.
        """
        if key.rules is not None and key.rules.secret is not None:
            signed_requests.require(headers, body, key.rules.secret, now=self._clock())

    async def sender(self, family: str, headers: dict[bytes, bytes]) -> tuple[Claim, Source]:
        """Whose webhook it says it is.

        Raises:
            Problem: 401 when nobody of that name is known.
        """
        said = claim(family, headers)
        source = None
        if said is not None:
            source = await self._directory.find_source(said.sender, said.account)
        if said is None or source is None:
            raise self.stranger("the sender of this webhook is not known")
        return said, source

    def verify(self, raw: bytes, said: Claim, source: Source) -> None:
        """Check the signature of a webhook.

        Raises:
            Problem: 401 when it is wrong, or of another time.
        """
        now = self._clock()
        if not is_signed(raw, claim=said, secrets=source.secrets(now)):
            raise Problem(401, "unauthorized", "the signature is wrong")
        if not said.is_of(now):
            raise Problem(401, "unauthorized", "the signature is too old, or from the future")

    def readers(self, scope: Scope, origin: bytes) -> list[Header]:
        """Headers that tell a browser whether a page of the origin may read the answer."""
        return self._cors.answer(origin, scope.get(_KEY))

    def preflight(self, scope: Scope, headers: Headers) -> list[Header]:
        """Headers that tell a browser whether a page may ask at all."""
        origin = headers.get(b"origin")
        domains = self._directory.snapshot.cookie_domains
        if origin is not None and cookies.trusted(origin, domains):
            return [*cookies.credentials_for(origin), *PREFLIGHT]
        shown = self._directory.key(in_query(scope["query_string"]))
        return self._cors.preflight(headers, shown, self._directory.snapshot.key_origins)

    def _limited(self, key: Key, seconds: int) -> Problem:
        self._metrics.count("attributary_limited_requests_total", tenant=key.tenant)
        detail = "the key's rate limit is reached"
        return Problem(429, "rate_limited", detail, retry_after_seconds=seconds)
