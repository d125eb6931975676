"""Answers to post-purchase surveys: edited, of orders that nobody knows, in words of all kinds."""

from collections.abc import Iterator
from typing import Any

from schemas.pixel_event import PixelEvent, Survey
from tests.support.random_people import DAY, World, content_hash

ANSWERS = (
    "Instagram", "a friend / family", "Google Ads", "google", "Saw it on connected TV!", "PODCAST",
    "Zeitung", "Storefront", "the store", "É-mail", "", "%_ tv", "Tik  Tok", "text message or sms",
)  # fmt: skip
_SOURCES = ("shopify", "api", "woo")


def surveys(world: World, count: int, *, orders: int) -> Iterator[PixelEvent]:
    """About `count` responses; some are edited, some name an order that never comes."""
    for n in range(count):
        number = world.rng.randrange(orders + orders // 4 + 1)
        response = Survey(
            provider=world.rng.choice(["fairing", "kno"]),
            response_id=f"r-{n}",
            question=world.rng.choice([None, "How did you hear about us?"]),
            answer=world.rng.choice(ANSWERS),
            channel="podcast" if world.chance(0.15) else None,
            platform="acast" if world.chance(0.15) else None,
        )
        at = world.moment()
        yield _event(world, response, number=number, at=at)
        if world.chance(0.4):
            edited = response.model_copy(update={"answer": world.rng.choice(ANSWERS)})
            later = at + world.rng.choice([0, 0, DAY, -DAY])
            yield _event(world, edited, number=number, at=max(later, 0))


def _event(world: World, said: Survey, *, number: int, at: int) -> PixelEvent:
    source = _SOURCES[number % 3]
    fields: dict[str, Any] = {
        "tenant_id": world.tenant,
        "source": "survey",
        "event_name": "SurveyResponse",
        "occurred_at": at,
        "order_id": str(number),
        "order_source": source,
        "survey": said,
    }
    name = content_hash(fields)
    return PixelEvent(**fields, event_id=name, content_hash=name, received_at=at + 5)
