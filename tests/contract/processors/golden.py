"""The golden examples as a processor's input, and what a hostile producer would make of them."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import asyncpg
import orjson

from processors.engine import codec
from processors.engine.processor import Message
from processors.engine.spec import CATALOGUE
from processors.registry import PROCESSORS
from schemas.topics import TOPICS
from tests.contract.processors.stage import renumbered
from tests.support.examples import Example, examples

TENANT = "tenant-0"
SPOILT: dict[str, Any] = {"text": "\0", "number": 2**63}
KEPT = frozenset({"tenant_id", "kind"})


async def golden(dsn: str, name: str) -> list[Message]:
    """The examples of a processor's topics, of a tenant that exists and of this database."""
    conn = await asyncpg.connect(dsn)
    try:
        epoch = str(await conn.fetchval("SELECT epoch FROM database_epoch"))
    finally:
        await conn.close()
    folders = dict.fromkeys(TOPICS[topic].contract for topic in PROCESSORS[name].inputs)
    return renumbered([_adapted(one, epoch) for one in examples(*folders)])


def _adapted(example: Example, epoch: str) -> Message:
    plain = example.plain
    for part in (plain, plain.get("event", {})):
        if "tenant_id" in part:
            part["tenant_id"] = TENANT
    if "epoch" in plain:
        plain["epoch"] = epoch
    message = replace(example.message(), value=orjson.dumps(plain))
    record = CATALOGUE[example.topic].model.model_validate(plain)
    return replace(message, key=codec.key(example.topic, record))


def hostile(message: Message, kind: str) -> Iterator[Message]:
    """The record once for each of its fields, with a value there that Postgres has no room for;
    for text also in what a sender may name as it likes."""
    plain = orjson.loads(message.value or b"")
    for path in _paths(plain, str if kind == "text" else int):
        spoilt = orjson.loads(message.value or b"")
        part = spoilt
        for step in path[:-1]:
            part = part[step]
        part[path[-1]] = SPOILT[kind]
        yield replace(message, value=orjson.dumps(spoilt))


def _paths(value: Any, kind: type) -> Iterator[tuple[Any, ...]]:
    """Where values of this type are; of a list the first and the last."""
    steps: list[Any] = []
    if isinstance(value, dict):
        steps = [name for name in value if name not in KEPT]
    elif isinstance(value, list) and value:
        steps = sorted({0, len(value) - 1})
    for step in steps:
        if type(value[step]) is kind:
            yield (step,)
        yield from ((step, *rest) for rest in _paths(value[step], kind))
