"""The list of services of the local stack, as data.

Kafka and Postgres unless the environment names others, two jobs (migrations, topics), every
processor of the registry in as many replicas as asked for with the platform simulators to send to,
and, where there is a gateway, a shop to click through.
"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from deploy.local.folder import StackFolder
from deploy.local.kafka import kafka_service
from deploy.local.plan import Plan, read_plan
from deploy.local.ports import PortBook
from deploy.local.postgres import postgres_dsn, postgres_service
from deploy.local.service import Service
from deploy.simulators.addresses import SIMULATED, addresses

SERVERS: Final = {"kafka": "KAFKA_BOOTSTRAP_SERVERS", "postgres": "DATABASE_URL"}
SIMULATORS: Final = "simulators"
GATEWAY: Final = "gateway"
SHOP: Final = "shop"
SHOP_URL: Final = "SHOP_URL"
_GATEWAY_PORT: Final = 8080
_SHOP_PORT: Final = 8090
_COMMAND: Final = (sys.executable, "-m", "processors")


@dataclass(frozen=True, kw_only=True)
class Scale:
    """How many processes of each; the gateway, which has a port of its own, counts apart."""

    replicas: int = 1
    gateways: int = 1


def outside_servers(folder: StackFolder, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the servers that the caller names.

    Not those that are our own from an earlier run: a shell that sourced `.attributary/env` still
    names them after `down`.
    """
    before = read_plan(folder.plan) if folder.plan.exists() else None
    own = {service.name for service in before.services} if before else set()
    named = {}
    for server, variable in SERVERS.items():
        value = environ.get(variable)
        ours = before is not None and server in own and value == before.environment[variable]
        if value and not ours:
            named[variable] = value
    return named


def build_plan(
    folder: StackFolder,
    *,
    processors: Sequence[str],
    scale: Scale,
    outside: Mapping[str, str],
    keys: Mapping[str, str],
) -> Plan:
    """Lay out the stack; servers that `outside` names are used instead of our own."""
    ports = PortBook(folder.ports)
    environment = dict(keys)
    base = _servers(folder, ports=ports, outside=outside, environment=environment)
    jobs = _jobs(tuple(service.name for service in base))
    if processors:
        base.append(_simulators(folder, ports=ports, environment=environment))
    before = tuple(service.name for service in (*base, *jobs))
    running = [
        service
        for name in processors
        for service in _processor(folder, name, scale=scale, ports=ports, after=before)
    ]
    gateway = next((service.port for service in running if service.name.startswith(GATEWAY)), None)
    if gateway is not None:
        environment["GATEWAY_URL"] = f"http://127.0.0.1:{gateway}"
        running.append(_shop(folder, ports=ports))
        environment[SHOP_URL] = f"http://127.0.0.1:{running[-1].port}"
    ports.save()
    return Plan(
        services=(*base, *jobs, *running),
        environment=environment,
        replicas=scale.replicas,
    )


def _servers(
    folder: StackFolder,
    *,
    ports: PortBook,
    outside: Mapping[str, str],
    environment: dict[str, str],
) -> list[Service]:
    services = []
    if bootstrap := outside.get(SERVERS["kafka"]):
        environment[SERVERS["kafka"]] = bootstrap
    else:
        port, controller = ports.take("kafka"), ports.take("kafka-controller")
        services.append(kafka_service(folder.kafka, port=port, controller_port=controller))
        environment[SERVERS["kafka"]] = f"127.0.0.1:{port}"
    if dsn := outside.get(SERVERS["postgres"]):
        environment[SERVERS["postgres"]] = dsn
    else:
        port = ports.take("postgres")
        services.append(postgres_service(folder.postgres, port=port))
        environment[SERVERS["postgres"]] = postgres_dsn(folder.postgres, port=port)
    return services


def _simulators(folder: StackFolder, *, ports: PortBook, environment: dict[str, str]) -> Service:
    """One process for all, with a memory: a platform does not forget what it counted when it is
    restarted."""
    told, serves = [], {}
    for platform in SIMULATED:
        name = f"simulator-{platform}"
        port = ports.take(name)
        environment |= addresses(platform, f"http://127.0.0.1:{port}")
        told.append(f"{platform}={port}")
        serves[name] = f"tcp://127.0.0.1:{port}"
    argv = (sys.executable, "-m", "deploy.simulators", *told, "--state", str(folder.simulators))
    return Service(name=SIMULATORS, argv=argv, serves=serves)


def _shop(folder: StackFolder, *, ports: PortBook) -> Service:
    """On an origin of its own; it finds the gateway and its keys in the file for shells."""
    port = ports.take(SHOP, preferred=_SHOP_PORT)
    where = ("--port", str(port), "--env", str(folder.env))
    return Service(
        name=SHOP,
        argv=(sys.executable, "-m", "deploy.shop", *where),
        port=port,
        ready_url=f"http://127.0.0.1:{port}/healthz",
    )


def _jobs(after: tuple[str, ...]) -> list[Service]:
    return [
        Service(name=name, argv=(*_COMMAND, name), after=after, once=True)
        for name in ("migrate", "topics")
    ]


def _processor(
    folder: StackFolder, name: str, *, scale: Scale, ports: PortBook, after: tuple[str, ...]
) -> list[Service]:
    count = scale.gateways if name == GATEWAY else scale.replicas
    services = []
    for number in range(count):
        label = name if count == 1 else f"{name}-{number}"
        port = health = ports.take(f"{label}-health")
        env = {"ATTRIBUTARY_ENGINE_HEALTH_PORT": str(health)}
        if name == GATEWAY:
            port = ports.take(label, preferred=_GATEWAY_PORT)
            env["ATTRIBUTARY_GATEWAY_PORT"] = str(port)
            env["ATTRIBUTARY_GATEWAY_SPOOL_DIR"] = str(folder.spool / label)
        services.append(
            Service(
                name=label,
                argv=(*_COMMAND, "run", name, "--replica", str(number)),
                env=env,
                port=port,
                ready_url=f"http://127.0.0.1:{port}/readyz",
                after=after,
            )
        )
    return services
