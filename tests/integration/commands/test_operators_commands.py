"""Every command of an operator: its help says what its exit codes mean, and `--json` prints one
document on stdout and nothing else."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest
import typer
from cryptography.fernet import Fernet
from typer.testing import CliRunner

from deploy.local.ports import free_port
from processors.__main__ import app
from processors.engine import sealing
from tests.support.servers import KafkaServer

SAID = (
    "doctor", "lag", "dlq", "explain", "conserve", "topics", "migrate", "status", "drain", "jobs",
    "job", "reconcile", "advise", "rebuild", "replay letters", "replay deliveries", "replay log",
    "restart", "backup", "restore",
)  # fmt: skip
ASKED = {
    "topics": {0}, "migrate": {0}, "lag": {0}, "conserve": {0}, "dlq": {0}, "jobs": {0},
    "advise": {0, 1}, "status": {0, 1}, "doctor": {1}, "drain --timeout 0": {0, 1},
    "replay letters orders.v1 --dry-run": {0}, "replay deliveries --dry-run": {0},
    "replay log": {0}, "rebuild": {0},
}  # fmt: skip


def command(path: str) -> Any:
    found: Any = typer.main.get_command(app)
    for name in path.split():
        found = found.commands[name]
    return found


@pytest.mark.parametrize("path", SAID)
def test_help_gives_an_example_and_tells_the_exit_codes(path: str) -> None:
    given = command(path)
    assert given.help
    epilog = given.epilog or ""
    assert f"attributary {path.split()[0]}" in epilog
    assert "Exit codes: 0: done, all is well" in epilog
    assert "2: refused" in epilog
    has_json = any("--json" in option.opts for option in given.params)
    assert has_json == ("--json prints" in epilog) or path == "explain", path
    shown = CliRunner().invoke(app, [*path.split(), "--help"])
    assert shown.exit_code == 0
    assert "Exit codes" in shown.stdout


def test_json_is_one_document_on_stdout(
    kafka_server: KafkaServer, database: str, topic_prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", kafka_server.bootstrap)
    monkeypatch.setenv("DATABASE_URL", database)
    monkeypatch.setenv("ATTRIBUTARY_ENGINE_TOPIC_PREFIX", topic_prefix)
    monkeypatch.setenv("ATTRIBUTARY_VAULT_KEY", Fernet.generate_key().decode())
    monkeypatch.setenv("ATTRIBUTARY_SEAL_KEY", sealing.new_key())
    monkeypatch.delenv("GATEWAY_URL", raising=False)
    for asked, codes in ASKED.items():
        found = CliRunner().invoke(app, [*asked.split(), "--json"])
        if found.exception is not None and not isinstance(found.exception, SystemExit):
            raise found.exception
        assert found.exit_code in codes, f"{asked}: {found.output}"
        assert isinstance(json.loads(found.stdout), dict | list), asked


def test_what_cannot_be_asked_is_a_line_on_stderr_and_exit_code_2() -> None:
    nobody = f"127.0.0.1:{free_port()}"
    env = {
        **os.environ, "KAFKA_BOOTSTRAP_SERVERS": nobody, "DATABASE_URL": f"postgresql://{nobody}/x",
    }  # fmt: skip
    run = [sys.executable, "-m", "processors", "jobs", "--json"]
    ended = subprocess.run(run, env=env, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "attributary doctor" in ended.stderr
    assert "Traceback" not in ended.stderr
