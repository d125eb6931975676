"""Which trained model a conversion is credited by, and which documents are models at all."""

import hashlib
import json
from dataclasses import dataclass

from tests.oracle.words import Json, Row

COLUMNS = (
    "tenant_id", "promoted_at", "command_id", "applies_from", "version", "model", "is_standing",
    "is_fallback", "document",
)  # fmt: skip
_KEYS = {"kind", "recency_days", "saturation", "intercept", "effects"}
_MOST = 50_000_000
"""Micro-logits that an effect may have, either way."""


@dataclass(frozen=True, slots=True)
class Promotion:
    """A model for the conversions since `applies_from`; None is the fallback."""

    rank: tuple[int, str, int, str]
    applies_from: int
    version: str
    document: str
    model: Json | None


def promotion(record: Json) -> Promotion | None:
    """What a command of kind "model" says; None when its document is no model."""
    body = record["body"]
    text, since = body["document"], body["applies_from"]
    version = hashlib.sha256(text.encode()).hexdigest()[:12] if text else "untrained"
    model = usable(text) if text else None
    if text and model is None:
        return None
    rank = (record["issued_at"], record["command_id"], since, version)
    return Promotion(rank, since, version, text, model)


def standing(promotions: list[Promotion], converted_at: int) -> Promotion | None:
    """The latest of those that reach the conversion."""
    reaching = [one for one in promotions if one.applies_from <= converted_at]
    return max(reaching, key=lambda one: one.rank, default=None)


def rows(tenant: str, promotions: list[Promotion]) -> list[Row]:
    """The tenant's promotions, each content once."""
    known = {one.rank: one for one in promotions}
    latest = max(known, default=None)
    return [
        (tenant, *rank, "data_driven", rank == latest, one.model is None, one.document)
        for rank, one in known.items()
    ]


def usable(text: str) -> Json | None:
    """The document, if each of its numbers is a whole one in its range."""
    try:
        found = json.loads(text)
    except ValueError:
        return None
    if not isinstance(found, dict) or found.keys() != _KEYS or found["kind"] != "hazard_logistic":
        return None
    days, effects = found["recency_days"], found["effects"]
    if not isinstance(days, list) or not isinstance(effects, dict):
        return None
    fits = (
        len(days) <= 16
        and all(_whole(day, 1, 365) for day in days)
        and days == sorted(set(days))
        and _whole(found["saturation"], 1, 1_000)
        and _whole(found["intercept"], -_MOST, _MOST)
        and len(effects) <= 200
        and all(
            isinstance(row, list)
            and len(row) == len(days) + 1
            and all(_whole(effect, -_MOST, _MOST) for effect in row)
            for row in effects.values()
        )
    )
    return found if fits else None


def _whole(value: object, least: int, most: int) -> bool:
    return type(value) is int and least <= value <= most
