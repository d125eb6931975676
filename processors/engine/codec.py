"""Bytes to records and back. What cannot be decoded becomes `Dead` with the field and the kind of
error, never with the value: a dead letter's reason is shown to people who may not see the data.
"""

import re
from typing import Final

from pydantic import ValidationError

from processors.engine.outcome import Dead
from processors.engine.processor import Item, Message
from processors.engine.spec import CATALOGUE
from schemas.envelope import Frozen, Record

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,40}")
_ERRORS_SHOWN: Final = 5
_NUL: Final = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
"""The escape, not the text about it. Postgres holds no such text, so no record may have one."""


def decode(message: Message) -> Item:
    """The record of a message, or why there is none."""
    return Item(message, _decode(message))


def _decode(message: Message) -> Frozen | Dead:
    if message.value is None:
        return Dead("undecodable", "no value")
    if b"\\u0000" in message.value and _NUL.search(message.value):
        return Dead("invalid", "a text has a NUL")
    try:
        record = CATALOGUE[message.topic].model.model_validate_json(message.value)
    except ValidationError as error:
        return _refusal(error)
    if isinstance(record, Record) and record.tenant_id != message.tenant:
        return Dead("tenant_mismatch", "tenant_id: not the tenant of the key")
    return record


def encode(record: Frozen) -> bytes:
    """Compact JSON without the fields that are None."""
    return record.model_dump_json(exclude_none=True).encode()


def key(topic: str, record: Frozen) -> bytes:
    """The key that the catalogue gives the record."""
    return CATALOGUE[topic].key(record).encode()


def _refusal(error: ValidationError) -> Dead:
    problems = error.errors(include_url=False, include_context=False, include_input=False)
    if problems[0]["type"] == "json_invalid":
        return Dead("undecodable", "not JSON")
    shown = [
        f"{'.'.join(_part(part) for part in problem['loc']) or 'record'}: {problem['type']}"
        for problem in problems[:_ERRORS_SHOWN]
    ]
    return Dead("invalid", "; ".join(shown))


def _part(part: int | str) -> str:
    """A field's name; anything else (a key that the sender chose) is hidden."""
    if isinstance(part, int):
        return str(part)
    return part if _NAME.fullmatch(part) else "?"
