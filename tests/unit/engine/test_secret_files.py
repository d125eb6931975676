"""Secrets in files: read once for every settings class, and never told."""

import logging
from pathlib import Path
from typing import get_args

import pytest
from pydantic import SecretStr

from processors.engine.kafka_security import KafkaSecurity
from processors.engine.sealing import SealSettings
from processors.engine.secret_files import SecretFiles
from processors.engine.settings import EngineSettings, Incomplete, Settings
from processors.gateway.settings import GatewaySettings
from processors.platforms.grant import App
from processors.platforms.klaviyo.settings import KlaviyoSettings

DSN = "postgresql://me:hunter2@host/db"


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "secret"
    path.write_text(f"{DSN}\n")
    path.chmod(0o600)
    return path


def every_secret() -> list[tuple[type[Settings], str]]:
    found, open_ = [], [Settings]
    while open_:
        kind = open_.pop()
        open_ += kind.__subclasses__()
        for name, field in kind.model_fields.items():
            if field.annotation is SecretStr or SecretStr in get_args(field.annotation):
                found.append((kind, name))
    return found


def test_every_secret_may_lie_in_a_file(monkeypatch: pytest.MonkeyPatch, secret: Path) -> None:
    assert {KafkaSecurity, SealSettings, EngineSettings, GatewaySettings, KlaviyoSettings} <= {
        kind for kind, _ in every_secret()
    }
    for kind, name in every_secret():
        variable = kind.variable(name)
        with monkeypatch.context() as own:
            for other, field in every_secret():
                own.delenv(other.variable(field), raising=False)
            own.setenv(f"{variable}_FILE", str(secret))
            source = SecretFiles(
                kind, prefix=kind.model_config.get("env_prefix", ""), refuse=Incomplete
            )
            assert DSN in source().values(), variable


def test_the_end_of_the_line_is_not_of_the_secret(
    monkeypatch: pytest.MonkeyPatch, secret: Path
) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "a:1")
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("DATABASE_URL_FILE", str(secret))
    settings = EngineSettings.load()
    assert settings.database_url.get_secret_value() == DSN
    assert "hunter2" not in str(settings.show())
    assert settings.show()["DATABASE_URL"] == "********"


def test_a_platforms_own_prefix_counts(monkeypatch: pytest.MonkeyPatch, secret: Path) -> None:
    monkeypatch.setenv("ATTRIBUTARY_META_CLIENT_SECRET_FILE", str(secret))
    assert App.of("meta").client_secret.get_secret_value() == DSN
    assert App.of("tiktok").client_secret.get_secret_value() == ""


def test_what_is_no_secret_has_no_file(monkeypatch: pytest.MonkeyPatch, secret: Path) -> None:
    monkeypatch.setenv("ATTRIBUTARY_ENGINE_REPLICA_FILE", str(secret))
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "a:1")
    monkeypatch.setenv("DATABASE_URL", DSN)
    assert EngineSettings.load().replica == 0


def test_value_and_file_are_not_both_taken(monkeypatch: pytest.MonkeyPatch, secret: Path) -> None:
    monkeypatch.setenv("ATTRIBUTARY_SEAL_KEY", "hunter3")
    monkeypatch.setenv("ATTRIBUTARY_SEAL_KEY_FILE", str(secret))
    with pytest.raises(Incomplete, match="ATTRIBUTARY_SEAL_KEY and ATTRIBUTARY_SEAL_KEY_FILE"):
        SealSettings.load()
    monkeypatch.setenv("ATTRIBUTARY_SEAL_KEY", "")  # as compose files pass on what is not set
    assert SealSettings.load().seal_key.get_secret_value() == DSN


def test_a_file_that_cannot_be_used_is_named_by_its_variable_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("ATTRIBUTARY_SEAL_KEY", raising=False)
    empty, binary = tmp_path / "empty", tmp_path / "binary"
    empty.write_text("\n")
    binary.write_bytes(b"\xff\xfe\xff")
    for path, reason in (
        ("hunter2", "No such file"),
        (str(tmp_path), "Is a directory"),
        (str(empty), "the file is empty"),
        (str(binary), "it is not text"),
    ):
        monkeypatch.setenv("ATTRIBUTARY_SEAL_KEY_FILE", path)
        with pytest.raises(Incomplete, match=f"ATTRIBUTARY_SEAL_KEY_FILE: {reason}") as refused:
            SealSettings.load()
        assert path not in str(refused.value)


def test_a_file_that_everybody_may_read_is_warned_of(
    monkeypatch: pytest.MonkeyPatch, secret: Path, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delenv("ATTRIBUTARY_SEAL_KEY", raising=False)
    monkeypatch.setenv("ATTRIBUTARY_SEAL_KEY_FILE", str(secret))
    with caplog.at_level(logging.WARNING):
        SealSettings.load()
        assert not caplog.records
        secret.chmod(0o644)
        SealSettings.load()
    (record,) = caplog.records
    assert "ATTRIBUTARY_SEAL_KEY_FILE" in str(vars(record))
    assert DSN not in str(vars(record))
