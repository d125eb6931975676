"""What ad accounts report, more than once. Amounts are whole enough to convert exactly."""

from collections.abc import Iterator

from schemas.spend import Spend
from tests.support.random_people import World

_WHOLE = 1_000_000


def spend(world: World, count: int) -> Iterator[Spend]:
    """`count` figures of three accounts, some of them corrected."""
    for _ in range(count):
        platform, campaign = world.rng.choice(["google", "meta", "tiktok"]), world.rng.randrange(2)
        at = world.moment()
        figure = Spend(
            tenant_id=world.tenant,
            source=f"{platform}_ads",
            account_id="act-1",
            date=f"2026-0{world.rng.randint(1, 3)}-0{world.rng.randint(1, 3)}",
            channel=None if campaign else "display",
            platform=platform,
            campaign=f"campaign-{campaign}",
            currency=world.rng.choice(["USD", "EUR"]),
            amount=world.rng.randint(1, 9) * _WHOLE,
            reported_at=at,
            received_at=at,
        )
        yield figure
        if world.chance(0.3):
            more = {"amount": figure.amount + _WHOLE, "reported_at": at + world.rng.choice([0, 1])}
            yield figure.model_copy(update=more)
