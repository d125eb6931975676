"""Why data_driven divided an order as it did: what each channel added to the model's probability,
or why a simpler model stood in. The rule is that of domain.attribution.data_driven, told in
probabilities: the credit itself comes from the tables."""

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Final

import sql
from processors.commands.explanation import ChannelEffect, ExplainedTouch, ModelReason
from processors.domain.attribution.model_document import MICRO, UNTRAINED, DataDrivenModel, parse
from processors.engine.postgres import Connection, Row

QUERIES: Final = sql.load("operations")
_MILLISECOND: Final = timedelta(milliseconds=1)
_DAY_MS: Final = 86_400_000
_STEEPEST: Final = 700.0


async def reason(
    conn: Connection, tenant: str, version: str, touches: Sequence[ExplainedTouch]
) -> ModelReason:
    """Of an order that the model of that version credits, or the fallback."""
    if version == UNTRAINED:
        row = await conn.fetchrow(QUERIES["latest_training"], tenant)
        return ModelReason(
            version=version, fallback=why_fallback(row), probability=None, channels=()
        )
    document = await conn.fetchval(QUERIES["promoted_document"], tenant, version)
    return told(parse(document), touches)


def why_fallback(latest: Row | None) -> str:
    """In words, from the tenant's latest training."""
    if latest is None:
        return "the tenant's model has not been trained yet"
    if latest["version"] is None:
        return f"the latest training made no model: {latest['reason']}"
    if latest["promotion"] == "manual":
        return f"the trained model {latest['version']} waits for an operator (model_promotion)"
    return "no promoted model reaches this order"


def told(model: DataDrivenModel, touches: Sequence[ExplainedTouch]) -> ModelReason:
    """Of the touches that have credit: per channel the effect of its touches in logits, the
    probability that would be left without them, and its share of the order."""
    counted = [touch for touch in touches if touch.credit is not None]
    effects = _effects(model, counted)
    logit = model.intercept + sum(effects.values())
    shares: dict[str, Decimal] = defaultdict(Decimal)
    for touch in counted:
        shares[touch.channel] += touch.credit or Decimal(0)
    many = Counter(touch.channel for touch in counted)
    return ModelReason(
        version=model.version,
        fallback="",
        probability=_probability(logit),
        channels=tuple(
            ChannelEffect(
                channel=channel,
                touches=many[channel],
                effect=effect / MICRO,
                without=_probability(logit - effect),
                share=shares[channel],
            )
            for channel, effect in effects.items()
        ),
    )


def _effects(model: DataDrivenModel, touches: Sequence[ExplainedTouch]) -> dict[str, int]:
    """Per channel, in micro-logits; ages are measured from the newest touch."""
    ages = [touch.age // _MILLISECOND for touch in touches]
    newest = min(ages, default=0)
    cells = Counter(
        (touch.channel, sum(age - newest > days * _DAY_MS for days in model.recency_days))
        for touch, age in zip(touches, ages, strict=True)
    )
    found: dict[str, int] = defaultdict(int)
    for (channel, bucket), many in cells.items():
        known = model.effects.get(channel)
        effect = known[bucket] if known else 0
        found[channel] += min(many, model.saturation) * effect
    return dict(found)


def _probability(micro: int) -> float:
    return 1 / (1 + math.exp(min(-micro / MICRO, _STEEPEST)))
