"""Uploads of offline conversions: cut short, sent again, under two names, with repeated rows."""

from collections.abc import Iterator

from schemas.command import Command, SetOfflineBatch
from schemas.order import Batch, Order
from tests.support.random_people import DAY, World, content_hash

_NAMES = (None, "Purchase", "StoreSale")


def uploads(world: World, count: int) -> Iterator[Order | Command]:
    """The rows of `count` uploads, and what commands tell of them."""
    contents = [_content(world, n) for n in range(count * 3)]
    for number in range(count):
        batch_id = f"batch-{number}"
        platform = world.rng.choice([None, "google_ads", "meta"])
        begun = world.moment()
        rows = [world.rng.choice(contents) for _ in range(world.rng.randint(0, 5))]
        for attempt in range(world.rng.choice([1, 1, 2])):
            at = begun + attempt * world.rng.choice([0, DAY])
            sent = rows[: world.rng.randint(0, len(rows))] if attempt == 0 else rows
            for place, content in enumerate(sent, 1):
                batch = Batch(
                    batch_id=batch_id, row=place, platform=platform, upload_type="conversions"
                )
                yield content.model_copy(update={"received_at": at, "batch": batch})
            yield from _reports(world, batch_id, platform, at=at, total=len(rows))


def _content(world: World, number: int) -> Order:
    buyer = world.visitor() if world.chance(0.5) else None
    fields = {
        "tenant_id": world.tenant,
        "source": "offline",
        "order_id": f"till-{number // 2}",
        "event_id": world.name("f"),
        "ordered_at": world.order_moment(),
        "status": "paid",
        "currency": "USD",
        "gross": world.rng.choice([1, 4_999, 12_345]),
        "visitor_id": buyer,
        "identifiers": world.identifiers(visitor=buyer, share=0.7),
        "event_name": world.rng.choice(_NAMES),
    }
    return Order(**fields, content_hash=content_hash(fields), received_at=0)


def _reports(
    world: World, batch_id: str, platform: str | None, *, at: int, total: int
) -> Iterator[Command]:
    """That it began, mostly also that it ended."""
    for status in ("processing", "completed" if world.chance(0.8) else "failed"):
        if status == "processing" or world.chance(0.8):
            done = status != "processing"
            failed = world.rng.randint(0, 2) if done else 0
            body = SetOfflineBatch(
                batch_id=batch_id, batch_name=f"Upload {batch_id}", platform=platform,
                upload_type="conversions", status=status, total_records=done * (total + failed),
                failed_records=failed, created_at=at, completed_at=at + 9 if done else None,
            )  # fmt: skip
            yield Command(
                tenant_id=world.tenant, command_id=world.name("u"), issued_at=at, received_at=at,
                body=body,
            )  # fmt: skip
