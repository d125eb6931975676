"""What ad accounts report, more than once. Amounts are whole enough to convert exactly."""

from collections.abc import Iterator
from typing import Any

from schemas.spend import Spend
from tests.support.random_people import World

_WHOLE = 1_000_000
_CAMPAIGNS = ("", "spring", "shopping-de", "of-no-touch")
"""Most of them are campaigns of touches, too."""


def spend(world: World, count: int) -> Iterator[Spend]:
    """`count` figures of three accounts, some of them corrected."""
    for _ in range(count):
        platform = world.rng.choice(["google", "meta", "tiktok"])
        at = world.moment()
        figure = Spend(
            tenant_id=world.tenant,
            source=f"{platform}_ads",
            account_id="act-1",
            date=f"2026-0{world.rng.randint(1, 3)}-0{world.rng.randint(1, 3)}",
            platform=platform,
            currency=world.rng.choice(["USD", "EUR"]),
            amount=world.rng.randint(1, 9) * _WHOLE,
            reported_at=at,
            received_at=at,
            **_subject(world),
            **_told(world),
        )
        yield figure
        if world.chance(0.3):
            more = {"amount": figure.amount + _WHOLE, "reported_at": at + world.rng.choice([0, 1])}
            yield figure.model_copy(update=more)
        if world.chance(0.3):
            # Restated at the same time: the amount alone does not tell which of them stands.
            yield figure.model_copy(update=_told(world))
        if figure.campaign_id is not None and world.chance(0.5):
            # Renamed, or of another type: the campaign is the same.
            names = {"campaign": world.rng.choice(_CAMPAIGNS), "campaign_type": "VIDEO"}
            yield figure.model_copy(update={**names, "reported_at": at + world.rng.choice([0, 1])})


def _subject(world: World) -> dict[str, Any]:
    """A campaign with or without its id, the account as a whole, or an ad."""
    found = {
        "channel": world.rng.choice([None, None, "display"]),
        "campaign": world.rng.choice(_CAMPAIGNS),
        "campaign_id": world.rng.choice([None, "1", "2"]),
        "campaign_type": world.rng.choice([None, "SHOPPING", "PERFORMANCE_MAX"]),
    }
    if world.chance(0.3):
        found |= {"ad_id": world.rng.choice(["7", "8"]), "ad": world.rng.choice([None, "dog"])}
        found |= {"ad_group_id": "70", "creative_id": world.rng.choice([None, "c"])}
    return found


def _told(world: World) -> dict[str, Any]:
    """What the platform says of impressions and claims, or a part of it."""
    said = {
        "impressions": world.rng.randrange(9_000),
        "clicks": world.rng.randrange(90),
        "reach": world.rng.randrange(5_000),
        "frequency": world.rng.choice(["1.5", "1.500000", "2.25", "4.608188"]),
        "view_conversions": world.rng.randrange(5),
        "click_conversions": world.rng.randrange(5),
        "view_value": world.rng.randrange(5) * _WHOLE,
        "click_value": world.rng.randrange(5) * _WHOLE,
        "video_views": world.rng.randrange(50),
        "conversions": world.rng.choice(["0.5", "0.500000", "3"]),
        "conversion_value": world.rng.randrange(5) * _WHOLE,
    }
    return {name: value for name, value in said.items() if world.chance(0.7)}
