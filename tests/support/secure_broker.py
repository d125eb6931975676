"""A real broker that lets nobody in unnamed: SASL_SSL with SCRAM, and TLS with client certificates,
both under ACLs; its controller listens on loopback in the clear, as one of a private network would.
"""

import base64
import subprocess
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.protocol.admin import CreateAclsRequest

from deploy.local import jars
from deploy.local.machine import require_java
from deploy.local.ports import free_port
from deploy.local.server import Server
from deploy.local.service import Service
from processors.engine.kafka_security import options
from tests.support.certificates import Authority

MECHANISM: Final = "SCRAM-SHA-512"
ROOT: Final = "root"
TEMPLATE: Final = jars.PROJECT / "deploy" / "kafka" / "server.properties"
RESOURCES: Final = {"--topic": 2, "--group": 3}
OPERATIONS: Final = {"All": 2, "Read": 3, "Write": 4, "Describe": 8}
LITERAL: Final = 3
ALLOW: Final = 3

SECURITY: Final = """
listeners=SASL_SSL://127.0.0.1:{port},SSL://127.0.0.1:{mutual},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=SASL_SSL://127.0.0.1:{port},SSL://127.0.0.1:{mutual}
listener.security.protocol.map=SASL_SSL:SASL_SSL,SSL:SSL,CONTROLLER:PLAINTEXT
inter.broker.listener.name=SASL_SSL
sasl.enabled.mechanisms=SCRAM-SHA-512
sasl.mechanism.inter.broker.protocol=SCRAM-SHA-512
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config=\
org.apache.kafka.common.security.scram.ScramLoginModule required \
username="root" password="{password}";
ssl.keystore.type=PEM
ssl.keystore.location={keystore}
ssl.truststore.type=PEM
ssl.truststore.location={ca}
listener.name.ssl.ssl.client.auth=required
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:root;User:ANONYMOUS
"""


class SecureBroker(Server):
    """`users` -> password; `root` may do everything, the others what ACLs allow them."""

    def __init__(self, folder: Path, *, authority: Authority, users: dict[str, str]) -> None:
        self.port, self.mutual_port, self._controller = free_port(), 0, 0
        self.mutual_port = free_port(besides=frozenset({self.port}))
        self._controller = free_port(besides=frozenset({self.port, self.mutual_port}))
        self.bootstrap = f"127.0.0.1:{self.port}"
        self.mutual = f"127.0.0.1:{self.mutual_port}"
        self.authority = authority
        self.users = users
        properties = self._configure(folder)
        java = [require_java(), "-Xmx512m", "-XX:+UseSerialGC", "-cp", f"{jars.ensure()}/*"]
        java.append(f"-Dlog4j2.configurationFile={TEMPLATE.parent / 'log4j2.properties'}")
        self._format(java, properties)
        service = Service(
            name="kafka",
            argv=(*java, "kafka.Kafka", str(properties)),
            port=self.port,
            ready_url=f"tcp://127.0.0.1:{self.port}",
        )
        super().__init__(service, log=folder / "kafka.log")

    def environment(self, user: str, **other: str) -> dict[str, str]:
        """What a process of that user is given; `other` by the name of the setting."""
        own = {
            "security_protocol": "SASL_SSL",
            "sasl_mechanism": MECHANISM,
            "sasl_username": user,
            "sasl_password": self.users.get(user, ""),
            "ca_file": str(self.authority.ca_file),
        }
        return {f"ATTRIBUTARY_KAFKA_{k.upper()}": v for k, v in (own | other).items()}

    def _configure(self, folder: Path) -> Path:
        certificate, key = self.authority.issue("broker", hosts=("127.0.0.1",))
        keystore = folder / "keystore.pem"
        keystore.write_bytes(key.read_bytes() + certificate.read_bytes())
        names = ("listeners=", "advertised.listeners=", "listener.security", "inter.broker.")
        ports = {"$controller_port": str(self._controller), "$data": str(folder / "data")}
        rows = [r for r in TEMPLATE.read_text().splitlines() if not r.startswith(names)]
        text = "\n".join(rows) + SECURITY.format(
            port=self.port,
            mutual=self.mutual_port,
            controller=self._controller,
            password=self.users[ROOT],
            keystore=keystore,
            ca=self.authority.ca_file,
        )
        for name, value in ports.items():
            text = text.replace(name, value)
        properties = folder / "server.properties"
        properties.write_text(text)
        return properties

    def _format(self, java: list[str], properties: Path) -> None:
        cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        storage = ["kafka.tools.StorageTool", "format", f"--cluster-id={cluster}"]
        storage += ["--config", str(properties)]
        for name, password in self.users.items():
            storage += ["--add-scram", f"{MECHANISM}=[name={name},password={password}]"]
        subprocess.run([*java, *storage], check=True, capture_output=True)


async def grant(bootstrap: str, lines: Iterable[str]) -> None:
    """Do at the brokers what `kafka-acls` does with these arguments; the environment is root's."""
    admin = AIOKafkaAdminClient(**options(bootstrap))
    await admin.start()
    try:
        for line in lines:
            words = line.split()
            assert words.pop(0) == "--add"
            given = list(zip(words[::2], words[1::2], strict=True))
            said = dict(given)
            for kind, name in given:
                if kind in RESOURCES:
                    request = CreateAclsRequest(
                        RESOURCES[kind], name.strip("'"), LITERAL, said["--allow-principal"], "*",
                        OPERATIONS[said["--operation"]], ALLOW,
                    )  # fmt: skip
                    answer = await admin._send_request(request)
                    assert [row[0] for row in answer.creation_responses] == [0], (line, answer)
    finally:
        await admin.close()
