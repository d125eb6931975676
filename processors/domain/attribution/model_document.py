"""A trained data_driven model as it travels: a JSON document of integers, so that every reader
credits with the same numbers, and its version is the hash of its text.

    {"kind": "hazard_logistic", "recency_days": [1, 3, 7, 14, 30, 90], "saturation": 3,
     "intercept": -3512345, "effects": {"paid_search": [412000, ...], ...}}

`intercept` and `effects` are in micro-logits. A channel's effects are one for each bucket of a
touch's age, measured from the newest touch of its path: up to 1 day, 3, 7, ... and one more for
older touches. Of a channel's touches in one bucket at most `saturation` add to the sum. A channel
that the model never saw has no effect. data_driven has the rule, learning.snapshots the reasons.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Final, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

KIND: Final = "hazard_logistic"
UNTRAINED: Final = "untrained"
"""The version of no document: data_driven stands in by linear."""
MICRO: Final = 1_000_000
"""Micro-logits of a logit."""
_MOST_LOGITS: Final = 50
_Effect = Annotated[int, Field(strict=True, ge=-_MOST_LOGITS * MICRO, le=_MOST_LOGITS * MICRO)]
_Days = Annotated[int, Field(strict=True, ge=1, le=365)]


@dataclass(frozen=True, slots=True)
class DataDrivenModel:
    """A model ready to credit with."""

    version: str
    recency_days: tuple[int, ...]
    saturation: int
    intercept: int
    effects: Mapping[str, tuple[int, ...]]


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["hazard_logistic"]
    recency_days: tuple[_Days, ...] = Field(max_length=16)
    saturation: Annotated[int, Field(strict=True, ge=1, le=1_000)]
    intercept: _Effect
    effects: dict[str, tuple[_Effect, ...]] = Field(max_length=200)


@lru_cache(maxsize=256)
def parse(text: str) -> DataDrivenModel:
    """The model of a document.

    Raises:
        ValueError: naming the field that is wrong.
    """
    try:
        found = _Document.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "document"
        raise ValueError(f"{where}: {first['msg']}") from None
    if list(found.recency_days) != sorted(set(found.recency_days)):
        raise ValueError("recency_days: must grow")
    for channel, effects in found.effects.items():
        if len(effects) != len(found.recency_days) + 1:
            raise ValueError(f"effects.{channel}: needs one number more than recency_days has")
    return DataDrivenModel(
        version=version(text),
        recency_days=found.recency_days,
        saturation=found.saturation,
        intercept=found.intercept,
        effects=found.effects,
    )


def version(text: str) -> str:
    """12 hexadecimal digits of the text's SHA-256."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def document(
    *, recency_days: tuple[int, ...], saturation: int, intercept: int,
    effects: Mapping[str, tuple[int, ...]],
) -> str:  # fmt: skip
    """The text of a model, channels in order, so that equal models have one version."""
    return orjson.dumps(
        {
            "kind": KIND,
            "recency_days": recency_days,
            "saturation": saturation,
            "intercept": intercept,
            "effects": dict(sorted(effects.items())),
        }
    ).decode()
