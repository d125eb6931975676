"""Sends to Google Ads: conversions by the API that the account says, adjustments by uploads.

A conversion is known again by its transaction id for as long as it may be told at all, in both
APIs, and an adjustment by its order and time, so that what is in doubt may be sent again.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar, Self

from processors.engine.clock import Clock
from processors.platforms import event_map
from processors.platforms.answering import Results, by_event, unsent
from processors.platforms.base import DAY_MS, Account, Answer, Connection, Heard, Request, Result
from processors.platforms.google_ads import accounts, answers, convert, later
from processors.platforms.google_ads.settings import CONNECTION, GoogleAdsSettings
from processors.platforms.http import Http, Reply, Silence
from processors.platforms.oauth import Tokens
from schemas.delivery import Delivery, DeliveryKind, Platform


class GoogleAds:
    """The Data Manager API, and the upload services of the Google Ads API."""

    platform: ClassVar[Platform] = "google_ads"
    connection: ClassVar[Connection] = CONNECTION
    batch_limit: ClassVar[int] = 2000
    accepted_for_ms: ClassVar[int] = 90 * DAY_MS
    retracts: ClassVar[frozenset[DeliveryKind]] = frozenset({"adjust", "cancel"})

    def __init__(self, settings: GoogleAdsSettings, *, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._http = Http(timeout_seconds=settings.timeout_seconds)
        self._tokens = Tokens(self._http, url=settings.token_url, clock=clock)

    @classmethod
    def load(cls, clock: Clock) -> Self:
        """With the settings of the environment."""
        return cls(GoogleAdsSettings.load(), clock=clock)

    def group(self, delivery: Delivery) -> str:
        """A request is about one conversion action, and has conversions or adjustments."""
        kind = "event" if delivery.kind == "event" else "adjustment"
        return f"{kind}:{convert.counts_for(delivery)}"

    def dedupe_window_ms(self, delivery: Delivery) -> int | None:
        """A conversion's id is known again for good; an adjustment is taken for 54 days."""
        return self.accepted_for_ms if delivery.kind == "event" else 54 * DAY_MS

    def refusal(self, delivery: Delivery) -> str | None:
        """Why Google would never take it, or None."""
        return convert.refusal(delivery)

    async def send(self, account: Account, deliveries: Sequence[Delivery]) -> Answer:
        """One request; each delivery has a fate of its own as far as Google tells it."""
        n, event_name = len(deliveries), convert.counts_for(deliveries[0])
        action = accounts.action_of(account, event_name)
        if action is None:
            return unsent(Request("", b""), n, event_map.UNASKED)
        request = convert.request(
            deliveries, account, action=action, settings=self._settings, now_ms=self._clock()
        )
        token = await self._tokens.of(account)
        if isinstance(token, Result):
            return unsent(request, n, token)
        request = replace(request, headers={**request.headers, "authorization": f"Bearer {token}"})
        answer = await by_event(
            self._http,
            request,
            n,
            lambda reply: self._classify(reply, account, deliveries),
            pause=answers.pause_seconds,
            receipt=None if self._is_final(account, deliveries) else later.receipt,
        )
        if answer.http_status == 401:
            self._tokens.forget(account)
        return answer

    async def verdict_later(self, account: Account, receipt: str, n: int) -> Heard:
        """The status of a request to the Data Manager API."""
        token = await self._tokens.of(account)
        if isinstance(token, Result):
            return Heard("pending", token.error)
        url = f"{self._settings.data_manager}/requestStatus:retrieve"
        headers = {"authorization": f"Bearer {token}"}
        reply = await self._http.get(Request(url, b"", headers, {"requestId": receipt}))
        if isinstance(reply, Silence):
            return Heard("pending", reply.error)
        if reply.status == 401:
            self._tokens.forget(account)
        return later.heard(reply, n)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()

    def _is_final(self, account: Account, deliveries: Sequence[Delivery]) -> bool:
        """Whether an answer is the last word: uploads tell all at once, checks come to nothing."""
        return self._settings.validate_only or not convert.is_ingested(deliveries, account)

    def _classify(
        self, reply: Reply, account: Account, deliveries: Sequence[Delivery]
    ) -> Result | Results:
        if convert.is_ingested(deliveries, account):
            return answers.of_ingestion(reply, len(deliveries))
        found = answers.of_uploads(
            reply,
            deliveries,
            now_ms=self._clock(),
            checked_only=self._settings.validate_only,
        )
        if accounts.api_of(account) == "click_uploads" or reply.status == 401:
            return found
        # Conversions go another way, so what adjustments alone lack must not hold them up.
        return answers.refused(found, len(deliveries))
