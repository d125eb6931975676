"""Settings: complete or refused by name, and never shown with a secret."""

import pytest

from processors.engine.settings import EngineSettings, Incomplete
from tests.support.engine_memory import settings


def test_what_is_missing_is_named_by_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KAFKA_BOOTSTRAP_SERVERS", raising=False)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    with pytest.raises(Incomplete, match=r"KAFKA_BOOTSTRAP_SERVERS: .*DATABASE_URL: "):
        EngineSettings.load()


def test_what_is_wrong_is_named_without_its_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATTRIBUTARY_ENGINE_BATCH_MAX_RECORDS", "hunter2")
    with pytest.raises(Incomplete) as refused:
        settings()
    assert "ATTRIBUTARY_ENGINE_BATCH_MAX_RECORDS" in str(refused.value)
    assert "hunter2" not in str(refused.value)


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "a:1,b:2")
    monkeypatch.setenv("DATABASE_URL", "postgresql://x")
    monkeypatch.setenv("ATTRIBUTARY_ENGINE_REPLICA", "3")
    loaded = EngineSettings.load()
    assert (loaded.kafka_bootstrap_servers, loaded.replica) == ("a:1,b:2", 3)
    assert loaded.instance_id("credit") == "credit-3"


def test_secrets_are_masked_and_everything_else_is_shown() -> None:
    shown = settings().show()
    assert "secret" not in str(shown)
    assert shown["DATABASE_URL"] == "********"
    assert shown["ATTRIBUTARY_ENGINE_BATCH_MAX_RECORDS"] == "1000"
