"""Setting a drill's stage: two stacks in one folder, every process on ways of its own.

The servers (broker, database, fault proxy) run under one supervisor and our processes under
another, so that either may be struck alone.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from rich.console import Console

from deploy.demo import tenants
from deploy.demo.play import Access
from deploy.demo.shops import SHOPS
from deploy.drills.fault import Layout
from deploy.drills.field import StackField
from deploy.drills.links import ProxyLinks, Ways
from deploy.local.credentials import generated_keys
from deploy.local.down import stop_all
from deploy.local.folder import StackFolder
from deploy.local.plan import Plan
from deploy.local.ports import PortBook
from deploy.local.service import Service
from deploy.local.services import GATEWAY, SERVERS, SHOP, SIMULATORS, Scale, build_plan
from deploy.local.statefile import read_state
from deploy.local.up import start
from processors.commands.run import SCHEDULE, names
from processors.registry import PROCESSORS

REPLICAS: Final = 2
_SETTINGS: Final = {
    # A crash is to be noticed in seconds; a drill that waits teaches nothing.
    "ATTRIBUTARY_ENGINE_SESSION_TIMEOUT_MS": "6000",
    "ATTRIBUTARY_ENGINE_HEARTBEAT_INTERVAL_MS": "1000",
    # A machine that runs everything is not to be busy with looks at nothing, and with requests of
    # one event each.
    "ATTRIBUTARY_FANOUT_POLL_SECONDS": "1",
    "ATTRIBUTARY_FANOUT_LINGER_SECONDS": "4",
    # Platforms of our own need no restraint, and an outage is to be over in seconds.
    "ATTRIBUTARY_FANOUT_LEASE_SECONDS": "15",
    "ATTRIBUTARY_FANOUT_BUCKET_CAPACITY": "1000",
    "ATTRIBUTARY_FANOUT_BUCKET_PER_SECOND": "1000",
    "ATTRIBUTARY_FANOUT_BREAKER_RECOVERY_SECONDS": "2",
    "ATTRIBUTARY_FANOUT_PARK_FIRST_SECONDS": "1",
    "ATTRIBUTARY_FANOUT_PARK_MAX_SECONDS": "5",
}


def layout(replicas: int = REPLICAS) -> Layout:
    """Of every drill with that many replicas."""

    def each(name: str) -> list[str]:
        return [name] if replicas == 1 else [f"{name}-{n}" for n in range(replicas)]

    return Layout(
        workers=tuple(label for name in PROCESSORS for label in each(name)),
        gateways=(GATEWAY,),
        others=(*each(SCHEDULE), SIMULATORS),
    )


@dataclass(frozen=True, kw_only=True)
class Costume:
    """What processes wear beside the usual: a variable for all of ours, or for some of them;
    `commands` is for jobs and the command line."""

    commands: Mapping[str, str] = field(default_factory=dict)
    everywhere: Mapping[str, str] = field(default_factory=dict)
    of: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A stack that is up, and what senders of its tenants need."""

    field: StackField
    accesses: Mapping[str, Access]


@contextmanager
def stage(
    folder: Path, *, console: Console, replicas: int = REPLICAS, costume: Costume | None = None
) -> Iterator[Stage]:
    """Everything, for the block.

    Raises:
        LocalStackError: when it does not start.
    """
    servers, workers = StackFolder(folder / "servers"), StackFolder(folder / "workers")
    parts = layout(replicas)
    servers.path.mkdir(parents=True, exist_ok=True)
    ports = PortBook(servers.path / "ways-ports.json")
    ways = Ways(servers, [name for name in parts.ours if name != SIMULATORS], ports)
    worn = costume or Costume()
    try:
        backed = _start_servers(servers, ways, ports, console, costume=worn)
        environment = _start_workers(
            workers, ways, backed, console, replicas=replicas, costume=worn
        ) | dict(worn.commands)
        accesses = tenants.ensure(
            [shop.tenant for shop in SHOPS],
            environment={**os.environ, **environment},
            kept=folder / "tenants.json",
        )
        yield Stage(
            field=StackField(
                folder,
                layout=parts,
                servers=servers,
                workers=workers,
                links=ProxyLinks(ways.control),
                environment=environment,
            ),
            accesses=accesses,
        )
    finally:
        for each in (workers, servers):
            _bury(each)


def _start_servers(
    folder: StackFolder, ways: Ways, ports: PortBook, console: Console, *, costume: Costume
) -> dict[str, str]:
    keys = generated_keys(folder.secrets)
    plan = build_plan(folder, processors=(), scale=Scale(), outside={}, keys=keys)
    by_name = {service.name: service for service in plan.services}
    postgres_port = by_name["postgres"].port
    assert postgres_port is not None
    services = [
        ways.broker(service) if service.name == "kafka" else _dressed(service, costume)
        for service in plan.services
    ]
    proxy = ways.proxy(postgres_port=postgres_port)
    ports.save()
    whole = replace(plan, services=(*services, proxy))
    return dict(start(folder, plan=whole, console=console).environment)


def _start_workers(
    folder: StackFolder,
    ways: Ways,
    backed: Mapping[str, str],
    console: Console,
    *,
    replicas: int,
    costume: Costume,
) -> dict[str, str]:
    plan = build_plan(
        folder,
        processors=names(),
        scale=Scale(replicas=replicas),
        outside={variable: backed[variable] for variable in SERVERS.values()},
        keys={name: value for name, value in backed.items() if name not in SERVERS.values()},
    )
    running = [service for service in plan.services if service.name != SHOP]
    services = []
    for service in running:
        if service.once:
            service = _dressed(service, costume)
        elif service.name != SIMULATORS:
            worn = {**costume.everywhere, **costume.of.get(service.name, {})}
            through = ways.through(service, plan.environment)
            service = replace(through, env={**through.env, **worn})
        services.append(service)
    whole = Plan(
        services=tuple(services),
        environment={**plan.environment, **_SETTINGS},
        replicas=replicas,
    )
    return dict(start(folder, plan=whole, console=console).environment)


def _dressed(service: Service, costume: Costume) -> Service:
    """A job in what commands wear; a server has no costume."""
    return replace(service, env={**service.env, **costume.commands}) if service.once else service


def _bury(folder: StackFolder) -> None:
    """Stop a stack, whose supervisor is a child of this process."""
    state = read_state(folder.state)
    stop_all(folder)
    if state is not None:
        with suppress(ChildProcessError):
            os.waitpid(state.pid, 0)
