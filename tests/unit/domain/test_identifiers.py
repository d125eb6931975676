"""Junk joins nobody."""

import hashlib

import pytest

from processors.domain.identifiers import is_junk

ZERO_UUID = "00000000-0000-0000-0000-000000000000"


@pytest.mark.parametrize(
    "value",
    ["null", "undefined", "0", "none", "nan", "unknown", "(not set)", "[object object]", ZERO_UUID]
    + ["", "  ", " NULL ", "NaN", "Undefined", "[object Object]", "000", "-", "-1", "guest"]
    + [hashlib.sha256(text).hexdigest() for text in (b"", b"null", b"undefined", b"0")]
    + ["0" * 64],
)
def test_a_placeholder_is_junk(value: str) -> None:
    assert is_junk(value)


@pytest.mark.parametrize(
    "value",
    [
        "1",
        "10",
        "v-0",
        "nullable",
        "test",
        "dedupe_test_1",
        "00000000-0000-0000-0000-000000000001",
        hashlib.sha256(b"buyer@example.com").hexdigest(),
        "x" * 500,
    ],
)
def test_an_id_that_means_someone_is_not_junk(value: str) -> None:
    assert not is_junk(value)
