"""Settings, rates, unlinks, consents and suppressions; some contradict each other at one moment."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from processors.domain.attribution import model_document
from processors.domain.ids import conversion_id
from schemas.command import (
    Body,
    Command,
    PromoteModel,
    Recalculate,
    SetConsent,
    SetInfluencer,
    SetRate,
    SetSetting,
    Suppress,
    Unlink,
)
from tests.support.random_events import consent
from tests.support.random_people import DAY, World, sha

CHANNEL_RULES = (
    "",
    "[no JSON",
    """[{"name": "all mail is ours", "when": {"medium": "email"}, "channel": "owned"},
        {"when": {"source": ["partner.example.com", "some*"]}, "channel": "affiliate"},
        {"when": {"ref": "friend*", "landing_path": "/products/*"}, "channel": "referral",
            "platform": "friends"}]""",
    """[{"when": {"click_id": ["gclid", "fbclid"], "medium": ""}, "channel": "paid",
            "platform": "@click"},
        {"when": {"referrer": "google.com", "source": ""}, "channel": "direct"},
        {"when": {"referrer_kind": ["social", "unknown"], "source": ""}, "channel": "word of mouth",
            "platform": "@referrer"},
        {"when": {"creator": "*", "sent_channel": ""}, "channel": "influencer"},
        {"when": {"campaign": "*shop*", "landing_host": "example.com"}, "channel": "shopping"}]""",
)

CUSTOM_MODELS = (
    "",
    "[no JSON",
    '{"weights": 1}',
    '{"views": 0.0001}',
    "{}",
    """{"transform": ["remove_direct", "exposure"], "exclude": ["affiliate", "email"],
        "position": {"first": 40, "middle": 20, "last": 40},
        "channels": {"paid_social": 1.5, "organic_search": 0}, "views": 0.25}""",
    """{"transform": ["first"], "position": {"half_life_days": 0.5}, "views": 0,
        "channels": {"direct": 0.125, "paid_search": 0}}""",
    """{"position": {"first": 0, "middle": 0.7, "last": 0}, "exclude": ["direct"],
        "transform": ["unique", "exposure"]}""",
)

SETTINGS: dict[str, tuple[str, ...]] = {
    "time_zone": ("UTC", "America/New_York", "Europe/Berlin", "Asia/Kolkata", "Pacific/Auckland"),
    "currency": ("USD", "EUR", "JPY"),
    "enabled_models": ("linear,last_touch", "custom,first_touch,last_touch,linear,time_decay"),
    "half_life_days": ("7", "1", "30"),
    "attribution_mode": ("clicks_plus_views", "clicks_only"),
    "view_window": ("1d", "7"),
    "consent_when_absent": ("granted", "denied"),
    "pixel_orders": ("true", "false"),
    "identity_fan_in_cap": ("3", "6", "100"),
    "max_touches": ("1", "2", "1000"),
    "enabled_windows": ("1d,7d,ltv", "30d"),
    "lookback_days": ("365", "90", "20"),
    "fairing_bridge_enabled": ("true", "false"),
    "channel_rules": CHANNEL_RULES,
    "custom_model": CUSTOM_MODELS,
    "bot_policy": ("exclude", "keep"),
}
RATES = {
    ("EUR", "USD"): ("1.0837", "1.1"),
    ("JPY", "USD"): ("0.0067", "0.0071"),
    ("KWD", "USD"): ("3.25",),
    ("USD", "EUR"): ("0.92",),
    ("JPY", "EUR"): ("0.0061",),
    ("USD", "JPY"): ("150", "147.5"),
    ("EUR", "JPY"): ("161.35",),
}
INFLUENCERS = ("ada", "bo", "cy")
CODES = ("SPRING10", "spring10 ", "Vip", "ada", "friend10")
MODEL_CHANNELS = (
    "direct", "email", "paid_search", "paid_social", "organic_search", "referral", "affiliate",
)  # fmt: skip
_CALM = {"currency", "time_zone", "half_life_days"}


def commands(world: World, count: int) -> Iterator[Command]:
    """`count` commands of all kinds, and a rate for most pairs from early on."""
    for pair, rates in RATES.items():
        if world.chance(0.8):
            yield _command(world, _rate(world, pair, rates[0], day=world.rng.choice([0, 0, 40])))
    makers: tuple[Callable[[World], Body], ...] = (
        _setting, _setting, _any_rate, _influencer, _model, _unlink, _consent, _recalculate,
        _suppress,
    )  # fmt: skip
    for _ in range(count):
        maker = world.rng.choice(makers[:5] if world.calm else makers)
        yield _command(world, maker(world))


def _command(world: World, body: Body) -> Command:
    """At one of few moments, so that only the command id breaks the tie."""
    at = world.start + world.rng.randrange(world.days) * DAY
    return Command(
        tenant_id=world.tenant, command_id=world.name("k"), issued_at=at, received_at=at, body=body
    )


def _setting(world: World) -> Body:
    if not world.calm and world.chance(0.4):
        key = world.rng.choice(("channel_rules", "custom_model"))
        return SetSetting(key=key, value=world.rng.choice(SETTINGS[key]))
    key = world.rng.choice(sorted(_CALM if world.calm else SETTINGS))
    return SetSetting(key=key, value=world.rng.choice(SETTINGS[key]))


def _any_rate(world: World) -> Body:
    pair = world.rng.choice(sorted(RATES))
    return _rate(world, pair, world.rng.choice(RATES[pair]), day=world.rng.randrange(world.days))


def _rate(world: World, pair: tuple[str, str], rate: str, *, day: int) -> Body:
    since = datetime.fromtimestamp((world.start + day * DAY) / 1000, tz=UTC)
    # Before the first day of the world no rate is known to anyone.
    name = since.date().isoformat() if day else "2024-01-01"
    return SetRate(currency=pair[0], reporting=pair[1], date=name, rate=rate)


def _influencer(world: World) -> Body:
    """Two may claim one code, and one may be taken away."""
    name = world.rng.choice(INFLUENCERS)
    return SetInfluencer(
        influencer_id=name,
        name=name.title(),
        discount_codes=tuple(world.rng.sample(CODES, 2)),
        ref_codes=(world.rng.choice(CODES),),
        commission_rate=world.rng.choice(["0", "0.1", "0.125"]),
        removed=world.chance(0.2),
    )


def _model(world: World) -> Body:
    """For all conversions, or those since a moment; some take it back, some are no model."""
    since = 0 if world.chance(0.4) else world.start + world.rng.randrange(world.days) * DAY
    if world.chance(0.3):
        document = "" if world.calm else world.rng.choice(["", "", "{}", "no model"])
        return PromoteModel(document=document, applies_from=since)
    days = tuple(sorted(world.rng.sample([1, 3, 7, 14, 30, 90], world.rng.randrange(4))))
    document = model_document.document(
        recency_days=days,
        saturation=world.rng.choice([1, 2, 3]),
        intercept=world.rng.randrange(-6_000_000, 0),
        effects={
            channel: tuple(world.rng.randrange(-500_000, 3_000_000) for _ in range(len(days) + 1))
            for channel in world.rng.sample(MODEL_CHANNELS, world.rng.randrange(1, 7))
        },
    )
    return PromoteModel(document=document, applies_from=since)


def _unlink(world: World) -> Body:
    """Cuts, or ties again, two ids that are often seen together."""
    customer = world.rng.choice(world.customers)
    pair = [f"customer:{customer}", f"email:{sha(f'{customer}@{world.tenant}.example.com')}"]
    if world.chance(0.3):
        pair[1] = f"visitor:{world.visitor()}"
    world.rng.shuffle(pair)
    return Unlink(a=pair[0], b=pair[1], linked=world.chance(0.3))


def _consent(world: World) -> Body:
    node = world.rng.choice(
        [f"visitor:{world.visitor()}", f"customer:{world.rng.choice(world.customers)}"]
    )
    decided = None
    while decided is None:
        decided = consent(world)
    return SetConsent(ids=(node,), consent=decided)


def _suppress(world: World) -> Body:
    """Of a visitor, a customer, or a customer by email; some are released again."""
    customer = world.rng.choice(world.customers)
    ids = [
        f"visitor:{world.visitor()}",
        f"customer:{customer}",
        f"email:{sha(f'{customer}@{world.tenant}.example.com')}",
    ]
    kept = world.rng.sample(ids, world.rng.randint(1, 2))
    return Suppress(ids=tuple(kept), suppressed=world.chance(0.7))


def _recalculate(world: World) -> Body:
    """Of all, of a span, or of an order that may not be there: nothing must change."""
    since = world.start + world.rng.randrange(world.days) * DAY
    named = conversion_id(world.tenant, "shopify", str(world.rng.randrange(20)))
    return world.rng.choice(
        [Recalculate(), Recalculate(since=since), Recalculate(conversions=(named,))]
    )
