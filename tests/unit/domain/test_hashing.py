"""Our hashes are the vendors' own, checked against the values in their documents."""

import pytest

from processors.domain import normalise
from processors.domain.hashing import email_hash, is_sha256, phone_hash, sha256_hex

META = [
    (normalise.email, "John_Smith@gmail.com ", "62a14e44", "a0f62f"),
    (normalise.phone_digits, "+1 (650) 555-1212", "e323ec62", "b3176"),
    (normalise.name, "Mary", "6915771b", "9f4ec"),
    (normalise.name, "Valéry", "08e1996b", "7149c"),
    (normalise.name, "정", "8fa8cd9c", "db14"),
    (normalise.country, "US", "79adb2a2", "4621"),
]
SNAPCHAT = [
    (normalise.email, "Person@example.com", "542d2401", "a3083345"),
    (normalise.phone_digits, "+44 844 412 4653", "dc008fda", "48546383"),
    (normalise.name, "John", "96d9632f", "0cec607a"),
    (normalise.name, "Raphaël", "e74bb89e", "6627b7"),
]
GOOGLE = [(normalise.email_google, "alexz@example.com", "509e9330", "b4fd8a")]


@pytest.mark.parametrize(("form", "raw", "start", "end"), META + SNAPCHAT + GOOGLE)
def test_a_documented_value_has_its_documented_hash(
    form: normalise.Form, raw: str, start: str, end: str
) -> None:
    value = form(raw)
    assert value is not None
    digest = sha256_hex(value)
    assert digest.startswith(start)
    assert digest.endswith(end)


def test_google_hashes_a_phone_with_its_plus() -> None:
    hashes = normalise.hashed_user_data({"phone": "1 800 555 0100"})
    assert hashes["ph_plus"].startswith("fb4f73a6")
    assert hashes["ph_plus"].endswith("517b30")


def test_the_join_keys_are_the_first_forms() -> None:
    hashes = normalise.hashed_user_data({"email": " A@Example.com", "phone": "+44 (0)20 7946 0000"})
    assert hashes["em"] == email_hash(" A@Example.com") == email_hash("a@example.com")
    assert hashes["ph"] == phone_hash("+44 (0)20 7946 0000") == phone_hash("442079460000")


def test_a_digest_is_known_in_either_case() -> None:
    digest = sha256_hex("a")
    assert is_sha256(digest)
    assert is_sha256(digest.upper())
    assert not is_sha256(digest[:-1])
    assert not is_sha256(digest + "\n")
    assert not is_sha256("g" * 64)
