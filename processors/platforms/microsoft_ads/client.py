"""Sends to Microsoft Advertising, which tells events apart."""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Final, Self

from processors.engine.clock import Clock
from processors.platforms import event_map
from processors.platforms.answering import by_event
from processors.platforms.base import DAY_MS, Account, Answer, Connection, Result
from processors.platforms.http import Http
from processors.platforms.microsoft_ads import answers, convert
from processors.platforms.microsoft_ads.settings import (
    CONNECTION,
    ENHANCED,
    GOALS,
    ON,
    MicrosoftAdsSettings,
)
from processors.platforms.oauth import Tokens
from schemas.delivery import Delivery, DeliveryKind, Platform

NO_CLICK: Final = Result("rejected", "no click id, and enhanced conversions are not on")


class MicrosoftAds:
    """Offline conversions and their adjustments."""

    platform: ClassVar[Platform] = "microsoft_ads"
    connection: ClassVar[Connection] = CONNECTION
    batch_limit: ClassVar[int] = 1000
    accepted_for_ms: ClassVar[int] = 90 * DAY_MS
    retracts: ClassVar[frozenset[DeliveryKind]] = frozenset({"adjust", "cancel"})

    def __init__(self, settings: MicrosoftAdsSettings, *, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._http = Http(timeout_seconds=settings.timeout_seconds)
        self._tokens = Tokens(self._http, url=settings.token_url, clock=clock, scope=settings.scope)

    @classmethod
    def load(cls, clock: Clock) -> Self:
        """With the settings of the environment."""
        return cls(MicrosoftAdsSettings.load(), clock=clock)

    def group(self, delivery: Delivery) -> str:
        """Conversions and adjustments are different requests."""
        return convert.operation(delivery)

    def dedupe_window_ms(self, delivery: Delivery) -> int | None:
        """The first of one click id, goal and time counts, for as long as it is accepted; to state
        an order's worth once more, or to take it back again, changes nothing. Of conversions
        without a click id Microsoft says no such thing."""
        by_click = delivery.marketing.msclkid is not None
        return self.accepted_for_ms if by_click or delivery.kind != "event" else None

    def refusal(self, delivery: Delivery) -> str | None:
        """Why Microsoft would never take it, or None."""
        return convert.refusal(delivery)

    async def send(self, account: Account, deliveries: Sequence[Delivery]) -> Answer:
        """One request with those that have a goal and something to match by."""
        goals = event_map.of(account.secret(GOALS))
        enhanced = account.secret(ENHANCED) == ON
        aside = [_aside(delivery, goals, enhanced=enhanced) for delivery in deliveries]
        some = [delivery for delivery, left in zip(deliveries, aside, strict=True) if not left]
        if not some:
            return event_map.spread(Answer((), None, 0, ""), aside)
        return event_map.spread(await self._send(account, some, goals, enhanced=enhanced), aside)

    async def _send(
        self,
        account: Account,
        deliveries: Sequence[Delivery],
        goals: Mapping[str, str],
        *,
        enhanced: bool,
    ) -> Answer:
        n = len(deliveries)
        token = await self._tokens.of(account)
        if isinstance(token, Result):
            return Answer((token,) * n, None, 0, "")
        request = convert.request(
            deliveries,
            account,
            goals=goals,
            enhanced=enhanced,
            token=token,
            settings=self._settings,
            now_ms=self._clock(),
        )
        answer = await by_event(
            self._http,
            request,
            n,
            lambda reply: answers.classify(reply, n=n),
            pause=answers.pause_seconds,
        )
        if answer.http_status == 401 or answers.EXPIRED in (answer.results[0].error or ""):
            self._tokens.forget(account)
        return answer

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()


def _aside(delivery: Delivery, goals: Mapping[str, str], *, enhanced: bool) -> Result | None:
    """Why this account cannot send it, or None."""
    if delivery.event_name not in goals:
        return event_map.UNASKED
    return None if convert.person(delivery, enhanced=enhanced) else NO_CLICK
