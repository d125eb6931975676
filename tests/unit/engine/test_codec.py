"""Decoding: what is refused, and that the reason shows no data."""

import pytest

from processors.engine.codec import decode, encode, key
from processors.engine.outcome import Dead
from processors.engine.processor import Message
from schemas.conversion import ConversionPointer
from tests.support.engine_field import NOON, spend


def message(value: bytes | None, *, topic: str = "spend.v1", key: bytes = b"acme|x") -> Message:
    return Message(topic, 0, 0, NOON, key, value)


def test_what_was_encoded_is_decoded_to_the_same_record() -> None:
    record = spend("one")
    assert decode(message(encode(record))).value == record


def test_fields_that_are_none_are_not_written() -> None:
    assert b"channel" not in encode(spend("one"))


def test_the_key_is_the_catalogues() -> None:
    pointer = ConversionPointer(tenant_id="acme", conversion_id="c1", rev=1)
    assert key("conversions.v1", pointer) == b"acme|c1"


@pytest.mark.parametrize("value", [None, b"", b"{", b"\xff\xfe", b"null x"])
def test_bytes_that_are_no_json_are_undecodable(value: bytes | None) -> None:
    refused = decode(message(value)).value
    assert isinstance(refused, Dead)
    assert refused.reason == "undecodable"


def test_a_wrong_type_is_named_by_field_and_kind_and_not_by_value() -> None:
    text = encode(spend("one")).replace(b'"amount":100', b'"amount":"jane@example.com"')
    assert decode(message(text)).value == Dead("invalid", "amount: int_parsing")


def test_a_key_that_a_sender_chose_is_not_shown() -> None:
    text = b"""{"tenant_id":"acme","event_id":"e","content_hash":"h","source":"events",
    "event_name":"x","occurred_at":1,"received_at":1,
    "user_data":{"hashed":{"jane@example.com":"no hash"}}}"""
    refused = decode(message(text, topic="pixel_events.v1")).value
    assert isinstance(refused, Dead)
    assert refused.detail == "user_data.hashed.?: string_pattern_mismatch"


@pytest.mark.parametrize("foreign", [b"other|x", b"acme", b"", b"|x"])
def test_a_record_of_another_tenant_than_its_key_is_refused(foreign: bytes) -> None:
    refused = decode(message(encode(spend("one")), key=foreign)).value
    assert isinstance(refused, Dead)
    assert refused.reason == "tenant_mismatch"
