"""Sends to Klaviyo: one event by itself, more as a bulk job, whose refusal names its rows.

A phone number that Klaviyo does not believe in has the whole request refused; it is asked again at
once without that number, if it was the only fault.
"""

from collections.abc import Sequence
from typing import ClassVar, Final, Self

from processors.engine.clock import Clock
from processors.platforms.answering import by_event, unsent
from processors.platforms.base import (
    DAY_MS,
    OAUTH_PART,
    Account,
    Answer,
    Connection,
    Keys,
    Request,
    Result,
)
from processors.platforms.http import Http, Reply
from processors.platforms.klaviyo import answers, convert
from processors.platforms.klaviyo.people import Details
from processors.platforms.klaviyo.settings import CONNECTION, KlaviyoSettings
from processors.platforms.oauth import Tokens
from schemas.delivery import Delivery, DeliveryKind, Platform

_NOTHING: Final = Request("", b"")
_LOCKED: Final = "the details are sealed and ATTRIBUTARY_SEAL_KEY is not set"


class Klaviyo:
    """The Events API of one revision."""

    platform: ClassVar[Platform] = "klaviyo"
    connection: ClassVar[Connection] = CONNECTION
    batch_limit: ClassVar[int] = 1000
    accepted_for_ms: ClassVar[int] = 30 * DAY_MS
    retracts: ClassVar[frozenset[DeliveryKind]] = frozenset({"refund", "cancel"})
    """Klaviyo takes any age; what is older than a month would start a flow about the past."""

    def __init__(self, settings: KlaviyoSettings, *, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._http = Http(timeout_seconds=settings.timeout_seconds)
        self._details = Details.load(settings)
        self._tokens = Tokens(self._http, url=settings.token_url, clock=clock, basic=True)

    @classmethod
    def load(cls, clock: Clock) -> Self:
        """With the settings of the environment."""
        return cls(KlaviyoSettings.load(), clock=clock)

    def give(self, keys: Keys) -> None:
        """The keys of the people of the next requests."""
        self._details.give(keys)

    def group(self, delivery: Delivery) -> str:
        """An account's events may share a request, but for those that must wait for a key."""
        return "locked" if self._details.locked(delivery) else delivery.platform

    def dedupe_window_ms(self, delivery: Delivery) -> int | None:  # noqa: ARG002
        """The first of a `unique_id`, profile and metric is kept, without a limit that is told: as
        long as we would send. The profile is a function of the event, so a repetition has it."""
        return self.accepted_for_ms

    def refusal(self, delivery: Delivery) -> str | None:
        """Why Klaviyo would never take it, or None."""
        return convert.refusal(
            delivery,
            self._details.of,
            settings=self._settings,
            locked=self._details.locked(delivery),
        )

    async def send(self, account: Account, deliveries: Sequence[Delivery]) -> Answer:
        """One request, and a second without the phone numbers that the first was refused for."""
        if any(map(self._details.locked, deliveries)):
            return unsent(_NOTHING, len(deliveries), Result("reauth", _LOCKED))
        allowed = await self._authorization(account)
        if isinstance(allowed, Result):
            return unsent(_NOTHING, len(deliveries), allowed)
        refused: list[frozenset[int]] = []
        answer = await self._post(deliveries, allowed, frozenset(), refused)
        phoneless = refused[0] if refused else frozenset()
        clear = self._details.of
        if phoneless and all(
            convert.is_known_without_phone(deliveries[n], clear) for n in phoneless
        ):
            answer = await self._post(deliveries, allowed, phoneless, refused)
        if answer.http_status == 401 and not account.secret("private_key"):
            self._tokens.forget(account)
        return answer

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()

    async def _authorization(self, account: Account) -> str | Result:
        key = account.secret("private_key")
        if key or not account.secret(OAUTH_PART):
            return f"Klaviyo-API-Key {key}"
        token = await self._tokens.of(account)
        return token if isinstance(token, Result) else f"Bearer {token}"

    async def _post(
        self,
        deliveries: Sequence[Delivery],
        authorization: str,
        phoneless: frozenset[int],
        refused: list[frozenset[int]],
    ) -> Answer:
        """One request; `refused` gets the places whose phone number was its only fault."""
        request = convert.request(
            deliveries,
            authorization,
            settings=self._settings,
            clear=self._details.of,
            now_ms=self._clock(),
            phoneless=phoneless,
        )
        n = len(deliveries)

        def heard(reply: Reply) -> Result | Sequence[Result]:
            refused.append(answers.refused_phones(reply, events=n))
            return answers.classify(reply, events=n)

        return await by_event(self._http, request, n, heard, pause=answers.pause_seconds)
