"""How a client gets to the brokers: in the clear or over TLS, as nobody or as somebody.

Every client of Kafka (producer, consumer, admin, Faust, the commands) takes its options from
`options`, so one set of variables speaks for all of them, and what they say is checked when a
process starts. Each processor is given a user of its own, whom the brokers' ACLs hold to its
topics (`attributary topics --acls`).
"""

import ssl
from pathlib import Path
from typing import Any, Final, Literal, Self

from pydantic import SecretStr, model_validator
from pydantic_settings import SettingsConfigDict

from processors.engine.settings import Incomplete, Settings

Protocol = Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]
Mechanism = Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]

_TLS: Final = ("SSL", "SASL_SSL")
_SASL: Final = ("SASL_PLAINTEXT", "SASL_SSL")


class KafkaSecurity(Settings):
    """`ATTRIBUTARY_KAFKA_*`, the same for every process; files are PEM."""

    model_config = SettingsConfigDict(env_prefix="ATTRIBUTARY_KAFKA_")

    security_protocol: Protocol = "PLAINTEXT"
    sasl_mechanism: Mechanism = "SCRAM-SHA-512"
    sasl_username: str = ""
    sasl_password: SecretStr = SecretStr("")
    ca_file: Path | None = None
    """Who may sign the brokers' certificates; without it, whom the system trusts."""
    client_cert_file: Path | None = None
    client_key_file: Path | None = None
    client_key_password: SecretStr = SecretStr("")
    check_hostname: bool = True

    @model_validator(mode="after")
    def _whole(self) -> Self:
        """What is given must be what the protocol uses, or somebody believes in a lock that is
        not there."""
        named = bool(self.sasl_username and self.sasl_password.get_secret_value())
        if self.security_protocol in _SASL and not named:
            raise self._wrong("needs", "sasl_username", "sasl_password")
        if self.security_protocol not in _SASL and self.sasl_username:
            raise self._wrong("does not use", "sasl_username")
        if self.security_protocol not in _TLS:
            for field in ("ca_file", "client_cert_file", "client_key_file"):
                if getattr(self, field) is not None:
                    raise self._wrong("does not use", field)
        if (self.client_cert_file is None) != (self.client_key_file is None):
            raise ValueError(
                f"{self.variable('client_cert_file')} and {self.variable('client_key_file')}"
                " belong together"
            )
        return self

    def options(self) -> dict[str, Any]:
        """What aiokafka's clients are made with.

        Raises:
            Incomplete: naming the variable whose file is missing or of no use.
        """
        made: dict[str, Any] = {"security_protocol": self.security_protocol}
        if (context := self.context()) is not None:
            made["ssl_context"] = context
        if self.security_protocol in _SASL:
            made |= {
                "sasl_mechanism": self.sasl_mechanism,
                "sasl_plain_username": self.sasl_username,
                "sasl_plain_password": self.sasl_password.get_secret_value(),
            }
        return made

    def context(self) -> ssl.SSLContext | None:
        """TLS 1.2 or newer, and a certificate that is checked; None where there is no TLS.

        Raises:
            Incomplete: as `options`.
        """
        if self.security_protocol not in _TLS:
            return None
        try:
            made = ssl.create_default_context(cafile=self.ca_file)
        except OSError as error:  # ssl.SSLError is one
            raise self._unusable("ca_file", error) from None
        made.check_hostname = self.check_hostname
        if self.client_cert_file is not None:
            password = self.client_key_password.get_secret_value()
            try:
                # Without a password the library would ask the terminal for one.
                made.load_cert_chain(self.client_cert_file, self.client_key_file, lambda: password)
            except OSError as error:
                raise self._unusable("client_cert_file", error) from None
        return made

    def _wrong(self, what: str, *fields: str) -> ValueError:
        names = " and ".join(self.variable(field) for field in fields)
        own = self.variable("security_protocol")
        return ValueError(f"{own}={self.security_protocol} {what} {names}")

    def _unusable(self, field: str, error: OSError) -> Incomplete:
        return Incomplete(f"{self.variable(field)}: {error.strerror or type(error).__name__}")


def options(bootstrap: str) -> dict[str, Any]:
    """Where the brokers are and how one gets to them, as the environment says now.

    Raises:
        Incomplete: naming each variable that is missing or wrong.
    """
    return {"bootstrap_servers": bootstrap, **KafkaSecurity.load().options()}
