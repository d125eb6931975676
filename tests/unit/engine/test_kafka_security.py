"""The way to the brokers: whole or refused by name; and the ACLs that go with it."""

import ssl
from itertools import pairwise
from pathlib import Path

import pytest

from processors.commands.acls import lines
from processors.engine.kafka_security import KafkaSecurity, options
from processors.engine.settings import Incomplete
from processors.registry import PROCESSORS
from schemas.topics import TOPICS
from tests.support.certificates import Authority


def given(monkeypatch: pytest.MonkeyPatch, **values: object) -> None:
    for name, value in values.items():
        monkeypatch.setenv(f"ATTRIBUTARY_KAFKA_{name.upper()}", str(value))


def test_without_a_word_it_is_plain() -> None:
    assert options("a:1") == {"bootstrap_servers": "a:1", "security_protocol": "PLAINTEXT"}


def test_tls_checks_certificate_and_host_unless_told_not_to(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    given(monkeypatch, security_protocol="SSL", ca_file=Authority(tmp_path).ca_file)
    context = options("a:1")["ssl_context"]
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2
    assert len(context.get_ca_certs()) == 1, "the system's authorities are not trusted, too"
    given(monkeypatch, check_hostname="false")
    context = options("a:1")["ssl_context"]
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, False)


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"])
def test_a_user_has_a_name_and_a_password(monkeypatch: pytest.MonkeyPatch, mechanism: str) -> None:
    given(
        monkeypatch, security_protocol="SASL_PLAINTEXT", sasl_mechanism=mechanism,
        sasl_username="credit", sasl_password="s3cret",
    )  # fmt: skip
    assert options("a:1") == {
        "bootstrap_servers": "a:1",
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": mechanism,
        "sasl_plain_username": "credit",
        "sasl_plain_password": "s3cret",
    }
    assert "s3cret" not in str(KafkaSecurity.load().show())


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"security_protocol": "TLS"}, "SECURITY_PROTOCOL"),
        ({"security_protocol": "SASL_SSL"}, "SASL_USERNAME.*SASL_PASSWORD"),
        ({"security_protocol": "SASL_SSL", "sasl_username": "credit"}, "SASL_PASSWORD"),
        ({"security_protocol": "SSL", "sasl_username": "credit"}, "SASL_USERNAME"),
        ({"sasl_username": "credit", "sasl_password": "x"}, "SECURITY_PROTOCOL"),
        ({"ca_file": "ca.pem"}, "CA_FILE"),
        ({"security_protocol": "SSL", "client_cert_file": "c.pem"}, "CLIENT_KEY_FILE"),
        ({"security_protocol": "SSL", "ca_file": "gone.pem"}, "CA_FILE: No such file"),
        (
            {"security_protocol": "SSL", "client_cert_file": "a.pem", "client_key_file": "a.pem"},
            "CLIENT_CERT_FILE: No such file",
        ),
    ],
)
def test_half_a_lock_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, values: dict[str, str], named: str
) -> None:
    given(monkeypatch, **values)
    with pytest.raises(Incomplete, match=named):
        options("a:1")


def test_acls_give_each_processor_its_topics_and_no_others() -> None:
    told = lines(prefix="eu.", principal="User:CN={role}")
    assert len(told) == len(set(told))
    for name, spec in PROCESSORS.items():
        own = [line for line in told if f"--allow-principal User:CN={name} " in line]
        (read,) = (line for line in own if "--operation Read" in line)
        (write,) = (line for line in own if "--operation Write" in line)
        assert len(own) == 2
        assert read.endswith(f" --group eu.{name}")
        assert _topics(read) == {f"eu.{topic}" for topic in spec.inputs}
        dead = {f"eu.{TOPICS[topic].dead_letters}" for topic in spec.inputs}
        assert _topics(write) == dead | {f"eu.{topic}" for topic in spec.outputs}
    assert told[-1] == (
        "--add --allow-principal User:CN=operator --operation All"
        " --resource-pattern-type prefixed --topic eu. --group eu."
    )
    with pytest.raises(ValueError, match="role"):
        lines(prefix="", principal="User:everybody")


def _topics(line: str) -> set[str]:
    words = line.split()
    return {name for kind, name in pairwise(words) if kind == "--topic"}
