"""What ads of touches cost, late, and told again otherwise: other amounts, names, currencies, and
rows that have vanished, which a connector tells as nothing.

All of it is drawn by the records that it is about, so that nothing else is drawn otherwise for it.
"""

import random
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from schemas.spend import Spend
from schemas.touchpoint import Touchpoint
from tests.support.random_people import DAY

ADVERTISED_SHARE = 0.4
RESTATED_SHARE = 0.6

_WHOLE = 1_000_000
_PLATFORMS = {"google": "google", "facebook": "meta", "Instagram": "meta", "tiktok": "tiktok"}
_CURRENCIES = ("USD", "USD", "EUR", "JPY", "GBP")
"""GBP never gets a rate."""
_NOTHING = {
    "amount": 0, "impressions": 0, "clicks": 0, "view_conversions": 0, "click_conversions": 0,
    "view_value": 0, "click_value": 0, "video_views": 0, "conversions": "0", "conversion_value": 0,
}  # fmt: skip


def advertised(touches: Iterable[Touchpoint]) -> Iterator[Spend]:
    """Figures of the day of some of these touches: of the campaign, and of the ad if it has one."""
    for touch in touches:
        rng = random.Random(f"advertised {touch.content_hash}")
        if rng.random() < ADVERTISED_SHARE:
            figure = _figure(rng, touch)
            yield figure
            if touch.ad_id is not None:
                told = {"ad_id": touch.ad_id, "ad": rng.choice(["Dog", None]), "creative_id": "c"}
                yield figure.model_copy(update={**told, "ad_group_id": "70", **_told(rng)})


def restated(figures: Iterable[Spend]) -> Iterator[Spend]:
    """Later words on some of these figures, and words that come too late to be heard."""
    for figure in figures:
        rng = random.Random(f"restated {figure.model_dump_json()}")
        if rng.random() < RESTATED_SHARE:
            for n in range(rng.choice([1, 1, 2, 3])):
                later = rng.choice([1, 1, 1, -1]) * (n + 1) * DAY
                yield figure.model_copy(
                    update={**_otherwise(rng, figure), "reported_at": figure.reported_at + later}
                )


def _figure(rng: random.Random, touch: Touchpoint) -> Spend:
    platform = touch.platform or _PLATFORMS.get(touch.marketing.utm_source or "", "meta")
    day = datetime.fromtimestamp(max(touch.occurred_at, 0) / 1000, tz=UTC).date()
    name = touch.marketing.utm_campaign or rng.choice(["", "spring", "Sale"])
    at = touch.occurred_at + DAY
    return Spend(
        tenant_id=touch.tenant_id,
        source=f"{platform}_ads",
        account_id=rng.choice(["act-1", "act-1", "act-2"]),
        date=day.isoformat(),
        platform=platform,
        campaign=rng.choice([name, name.upper()]),
        campaign_id=touch.campaign_id or rng.choice([None, "1"]),
        currency=rng.choice(_CURRENCIES),
        amount=rng.randint(1, 99) * _WHOLE,
        reported_at=at,
        received_at=at,
        **_told(rng),
    )


def _otherwise(rng: random.Random, figure: Spend) -> dict[str, Any]:
    """What is told of it another time; whose figure it is stays."""
    kinds = [
        {"amount": rng.randint(1, 99) * _WHOLE, **_told(rng)},
        _NOTHING,
        {"currency": rng.choice(_CURRENCIES), "amount": rng.randint(1, 99) * _WHOLE},
    ]
    if figure.ad_id is not None:
        kinds.append({"ad": "Cat", "campaign": "renamed"})
    elif figure.campaign_id is not None:
        kinds.append({"campaign": rng.choice(["renamed", "SPRING"]), "campaign_type": "VIDEO"})
    return rng.choice(kinds)


def _told(rng: random.Random) -> dict[str, Any]:
    said = {
        "impressions": rng.randrange(1, 9_000),
        "clicks": rng.randrange(90),
        "view_conversions": rng.randrange(5),
        "click_conversions": rng.randrange(5),
        "view_value": rng.randrange(5) * _WHOLE,
        "click_value": rng.randrange(5) * _WHOLE,
        "conversions": rng.choice(["0.5", "3"]),
        "conversion_value": rng.randrange(5) * _WHOLE,
    }
    return {name: value if rng.random() < 0.7 else None for name, value in said.items()}
