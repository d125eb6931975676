"""Sends to LinkedIn, which tells events apart."""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Self

from processors.engine.clock import Clock
from processors.platforms import event_map
from processors.platforms.answering import by_event
from processors.platforms.base import (
    DAY_MS,
    OAUTH_PART,
    Account,
    Answer,
    Connection,
    Result,
)
from processors.platforms.http import Http
from processors.platforms.linkedin import answers, convert
from processors.platforms.linkedin.settings import CONNECTION, CONVERSIONS, LinkedInSettings
from processors.platforms.oauth import Tokens
from schemas.delivery import Delivery, DeliveryKind, Platform


class LinkedIn:
    """The Conversions API. Of 600 requests a minute and 500,000 a day, more are answered by 429."""

    platform: ClassVar[Platform] = "linkedin"
    connection: ClassVar[Connection] = CONNECTION
    batch_limit: ClassVar[int] = 5000
    accepted_for_ms: ClassVar[int] = 90 * DAY_MS
    retracts: ClassVar[frozenset[DeliveryKind]] = frozenset()

    def __init__(self, settings: LinkedInSettings, *, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._http = Http(timeout_seconds=settings.timeout_seconds)
        self._tokens = Tokens(self._http, url=settings.token_url, clock=clock)

    @classmethod
    def load(cls, clock: Clock) -> Self:
        """With the settings of the environment."""
        return cls(LinkedInSettings.load(), clock=clock)

    def group(self, delivery: Delivery) -> str:
        """All of an account's events may share a request."""
        return delivery.platform

    def dedupe_window_ms(self, _: Delivery) -> int | None:
        """LinkedIn drops an event whose id its Insight Tag has told; that it drops the second of
        two from a server is not documented, so nothing is sent again in doubt."""
        return None

    def refusal(self, delivery: Delivery) -> str | None:
        """Why LinkedIn would never take it, or None."""
        return convert.refusal(delivery)

    async def send(self, account: Account, deliveries: Sequence[Delivery]) -> Answer:
        """One request with those that have a conversion rule."""
        rules = event_map.of(account.secret(CONVERSIONS))
        aside = [
            None if convert.rule_of(delivery, rules) else event_map.UNASKED
            for delivery in deliveries
        ]
        some = [delivery for delivery, left in zip(deliveries, aside, strict=True) if not left]
        answer = await self._send(account, some, rules) if some else Answer((), None, 0, "")
        return event_map.spread(answer, aside)

    async def _send(
        self, account: Account, deliveries: Sequence[Delivery], rules: Mapping[str, str]
    ) -> Answer:
        n, refreshed = len(deliveries), account.secret(OAUTH_PART) != ""
        token = await self._tokens.of(account) if refreshed else account.secret("access_token")
        if isinstance(token, Result):
            return Answer((token,) * n, None, 0, "")
        request = convert.request(
            deliveries, rules=rules, token=token, settings=self._settings, now_ms=self._clock()
        )
        answer = await by_event(
            self._http,
            request,
            n,
            lambda reply: answers.classify(reply, n=n, refreshed=refreshed),
        )
        if answer.http_status == 401:
            self._tokens.forget(account)
        return answer

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()
