"""E-mail goes to the server that was meant, and a password to nobody else."""

from pathlib import Path
from typing import Any

import pytest

from processors.engine.settings import Incomplete
from processors.schedule.alerts import mail
from processors.schedule.alerts.settings import SmtpSettings
from processors.schedule.alerts.telling import Found, Outcome, document, subject
from tests.support.receivers import Mail, certified, listening

FOUND = Found(
    "acme", "a", "i", "retry_rate", "meta", "above", 0.05, 0.25, 40, 1_790_000_000_000
)  # fmt: skip
OPS = "ops@shop.example"
TOLD = document(FOUND, "started", "email", OPS)
LOGIN: dict[str, Any] = {"username": "robot", "password": "pass word"}


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Mail:
    """Speaks TLS after STARTTLS, and is trusted."""
    tls, authority = certified("127.0.0.1", tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))
    return Mail(login=("robot", "pass word"), tls=tls)


async def sent(server: Mail, **settings: Any) -> Outcome:
    async with listening(server):
        given = SmtpSettings.load(host="127.0.0.1", port=server.port, **settings)
        return await mail.send(given, OPS, TOLD)


async def test_the_password_travels_under_tls_to_a_server_that_is_known(server: Mail) -> None:
    assert await sent(server, **LOGIN) == Outcome("sent")
    assert server.messages[0]["to"] == OPS


async def test_a_password_that_is_wrong_is_told_by_its_code_and_tried_again(server: Mail) -> None:
    wrong = await sent(server, username="robot", password="guess")
    assert wrong == Outcome("pending", "SMTPAuthenticationError 535")


async def test_a_server_that_nobody_vouches_for_gets_nothing(
    server: Mail, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    assert await sent(server, **LOGIN) == Outcome("pending", "SSLCertVerificationError")
    assert server.messages == []


async def test_a_server_without_tls_gets_nothing_either() -> None:
    plain = Mail()
    assert await sent(plain) == Outcome("pending", "SMTPNotSupportedError")
    assert await sent(Mail(), security="none") == Outcome("sent")
    with pytest.raises(Incomplete, match="needs security"):
        await sent(Mail(), security="none", **LOGIN)
    assert plain.messages == []


async def test_a_server_that_is_away_is_tried_again() -> None:
    gone = SmtpSettings.load(host="127.0.0.1", port=9, timeout_seconds=1)
    assert await mail.send(gone, OPS, TOLD) == Outcome("pending", "ConnectionRefusedError")


@pytest.mark.parametrize(
    ("changes", "line"),
    [({}, "acme: retry_rate of meta is 0.25, above 0.05"),
     ({"change": "test"}, "[test] acme: retry_rate of meta is 0.25, above 0.05"),
     ({"change": "ended", "value": 0.01}, "acme: retry_rate of meta is well again: 0.01"),
     ({"change": "ended", "ended_by": "gone", "platform": None},
      "acme: retry_rate has no readings any more")],
)  # fmt: skip
def test_the_subject_says_who_and_what(changes: dict[str, Any], line: str) -> None:
    assert subject(TOLD | changes) == line
