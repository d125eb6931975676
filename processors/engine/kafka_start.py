"""Starts a client of aiokafka, and says why the brokers do not let it in.

The library tries each broker and reports only that none was to be had, whatever the reason: a
password that is wrong looks like a broker that is away, and would be waited for without end. So a
start that failed is tried once more by hand, on one connection, whose error is told.
"""

import asyncio
import ssl
from collections.abc import Mapping
from typing import Any, Final, Protocol

from aiokafka import errors as kafka_errors
from aiokafka.conn import collect_hosts, create_conn

from processors.engine import kafka_closing
from processors.engine.kafka_security import KafkaSecurity
from processors.engine.settings import Incomplete

ASK_SECONDS: Final = 10.0

_OTHER_HOST: Final = 62
"""OpenSSL's X509_V_ERR_HOSTNAME_MISMATCH; 64 is that of an address."""
_OTHER_ADDRESS: Final = 64

kafka_closing.install()


class NotLetIn(Incomplete, kafka_errors.KafkaError):  # type: ignore[misc]
    """The brokers answer, and TLS or the credentials keep us out; names what to look at. No
    waiting helps, so it stops what starts, as an incomplete environment does."""


class Client(Protocol):
    """Of aiokafka."""

    async def start(self) -> None: ...


async def start(client: Client, options: Mapping[str, Any]) -> None:
    """Start a client that was made with these options of `kafka_security`.

    Raises:
        NotLetIn: naming the variables to look at.
        KafkaError: transient, when no broker answers.
    """
    try:
        await client.start()
    except kafka_errors.KafkaConnectionError as error:
        if (why := await _why(options)) is not None:
            raise why from error
        raise


async def _why(options: Mapping[str, Any]) -> NotLetIn | None:
    """What keeps us out of the first broker that says; None when the network does."""
    given = {name: value for name, value in options.items() if name != "bootstrap_servers"}
    for host, port, _ in collect_hosts(options["bootstrap_servers"]):
        try:
            async with asyncio.timeout(ASK_SECONDS):
                conn = await create_conn(host, port, **given)
        except ssl.SSLError as error:
            return NotLetIn(_tls(error, f"{host}:{port}"))
        except kafka_errors.UnsupportedSaslMechanismError:
            names = _names("sasl_mechanism")
            return NotLetIn(f"{names}: {host}:{port} does not offer {given['sasl_mechanism']}")
        except (kafka_errors.SaslAuthenticationFailed, kafka_errors.AuthenticationFailedError):
            names = _names("sasl_username", "sasl_password")
            user = given["sasl_plain_username"]
            return NotLetIn(f"{names}: {host}:{port} refuses the user {user}")
        except kafka_errors.IllegalSaslStateError:
            return NotLetIn(f"{_names('security_protocol')}: {host}:{port} asks for no SASL")
        except (kafka_errors.KafkaError, OSError, TimeoutError):
            continue
        conn.close()
    return None


def _tls(error: ssl.SSLError, where: str) -> str:
    if not isinstance(error, ssl.SSLCertVerificationError):
        names = _names("security_protocol", "client_cert_file")
        return f"{names}: no TLS with {where}: {error.reason or 'it ended the handshake'}"
    told = f"the certificate of {where} is refused: {error.verify_message}"
    if error.verify_code in (_OTHER_HOST, _OTHER_ADDRESS):
        return f"{_names('check_hostname')}: {told}"
    return f"{_names('ca_file')}: {told}"


def _names(*fields: str) -> str:
    return ", ".join(KafkaSecurity.variable(field) for field in fields)
