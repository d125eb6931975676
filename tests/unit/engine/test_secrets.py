"""Sealing, the vault, and logs."""

import json
import logging

import pytest
from pydantic import BaseModel, ValidationError

from processors.engine import sealing, vault
from processors.engine.log import JsonLines, Sparing, redact
from processors.engine.sealing import CannotOpen, Erased, PersonKey, Sealer, names_of
from processors.engine.settings import Incomplete
from processors.engine.vault import CannotDecrypt, Vault

KEY = bytes(range(64))


def test_sealing_is_deterministic_and_opens_for_its_tenant_only() -> None:
    sealer = Sealer(KEY)
    clear = {"email": "jane@example.com", "phone": "+1 555 0100"}
    sealed = sealer.seal("acme", clear)
    assert sealed == Sealer(KEY).seal("acme", dict(reversed(clear.items())))
    assert sealer.open("acme", sealed) == clear
    with pytest.raises(CannotOpen):
        sealer.open("other", sealed)
    with pytest.raises(CannotOpen):
        Sealer(KEY[::-1]).open("acme", sealed)
    with pytest.raises(CannotOpen):
        sealer.open("acme", "not base64!")


def test_what_is_sealed_for_people_needs_every_key_and_the_deployments() -> None:
    sealer, clear = Sealer(KEY), {"body": "ann and bob"}
    ann, bob = PersonKey("a" * 64, b"a" * 32), PersonKey("b" * 64, b"b" * 32)
    sealed = sealer.seal_for("acme", clear, [ann, bob])
    assert sealed == sealer.seal_for("acme", clear, [ann, bob])
    keys = {(one.subject, one.key_id): one.key for one in (ann, bob)}
    assert names_of(sealed) == list(keys)
    assert sealer.open("acme", sealed, keys) == clear
    for name in keys:
        with pytest.raises(Erased):
            sealer.open("acme", sealed, {n: key for n, key in keys.items() if n != name})
        with pytest.raises(CannotOpen):
            sealer.open("acme", sealed, {**keys, name: b"x" * 32})
    with pytest.raises(CannotOpen):
        sealer.open("other", sealed, keys)
    with pytest.raises(CannotOpen):
        Sealer(KEY[::-1]).open("acme", sealed, keys)
    assert names_of(sealer.seal("acme", clear)) == []


def test_a_sealer_comes_from_the_environment_or_says_what_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("ATTRIBUTARY_SEAL_KEY", raising=False)
    with pytest.raises(Incomplete, match="ATTRIBUTARY_SEAL_KEY"):
        Sealer.from_environment()
    for wrong in ("c2hvcnQ=", "no base64!"):
        monkeypatch.setenv("ATTRIBUTARY_SEAL_KEY", wrong)
        with pytest.raises(Incomplete, match="ATTRIBUTARY_SEAL_KEY"):
            Sealer.from_environment()
    monkeypatch.setenv("ATTRIBUTARY_SEAL_KEY", sealing.new_key())
    sealer = Sealer.from_environment()
    assert sealer.open("acme", sealer.seal("acme", {"a": "b"})) == {"a": "b"}


def test_the_vault_rotates_keys() -> None:
    old, new = vault.new_key(), vault.new_key()
    token = Vault(old).encrypt("token-1")
    both = Vault(f"{new}, {old}")
    assert both.decrypt(token) == "token-1"
    rotated = both.rotate(token)
    assert Vault(new).decrypt(rotated) == "token-1"
    with pytest.raises(CannotDecrypt):
        Vault(new).decrypt(token)
    with pytest.raises(CannotDecrypt):
        Vault(new).rotate(token)


@pytest.mark.parametrize("keys", ["", "short", " , "])
def test_a_vault_without_a_proper_key_is_refused_by_name(keys: str) -> None:
    with pytest.raises(Incomplete, match="ATTRIBUTARY_VAULT_KEY"):
        Vault(keys)


def test_redaction_masks_people_and_credentials() -> None:
    line = redact("postgresql://me:pw@host/db jane.doe@example.com called +1 (555) 010-0199")
    assert line == "postgresql://***@host/db <email> called <phone>"


def _line(error: BaseException) -> dict[str, str]:
    record = logging.LogRecord("x", 40, "f", 1, "failed", None, (type(error), error, None))
    line: dict[str, str] = json.loads(JsonLines({"processor": "toy"}).format(record))
    return line


def test_an_error_is_one_json_line_without_the_data_that_it_quotes() -> None:
    class Model(BaseModel):
        amount: int

    with pytest.raises(ValidationError) as refused:
        Model.model_validate({"amount": "jane@example.com"})
    line = _line(refused.value)
    assert line["error"] == "ValidationError: Model: int_parsing"
    assert line["processor"] == "toy"
    assert _line(ValueError("for jane@example.com"))["error"] == "ValueError: for <email>"


def test_a_library_that_repeats_itself_is_heard_once() -> None:
    sparing = Sparing()

    def says(name: str, at: float) -> bool:
        record = logging.LogRecord(name, 40, "f", 1, "broker %s is away", (1,), None)
        record.created = at
        return sparing.filter(record)

    assert [says("aiokafka.conn", at) for at in (0.0, 0.1, 29.0, 31.0)] == [
        True,
        False,
        False,
        True,
    ]
    assert [says("processors.x", at) for at in (0.0, 0.1)] == [True, True]
