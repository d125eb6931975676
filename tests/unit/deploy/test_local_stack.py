"""What the local stack is made of: the plan, its ports, keys and environment file."""

import io
import json
import stat
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from rich.console import Console

from deploy.local.credentials import generated_keys
from deploy.local.envfile import read_env, write_env
from deploy.local.folder import StackFolder
from deploy.local.plan import Plan, read_plan, write_plan
from deploy.local.ports import PortBook, free_port
from deploy.local.service import Service
from deploy.local.services import Scale, build_plan, outside_servers
from deploy.local.statefile import Condition, Row, State
from deploy.local.status import table
from processors.platforms.registry import CONNECTORS, SOURCES

ELSEWHERE = {
    "KAFKA_BOOTSTRAP_SERVERS": "broker.example.com:9092",
    "DATABASE_URL": "postgresql://someone@db.example.com/shop",
}


def test_a_stack_has_servers_then_jobs_then_processors(tmp_path: Path) -> None:
    plan = stack(tmp_path)
    names = [service.name for service in plan.services]
    assert names == [
        *("kafka", "postgres", "simulators"),
        *("migrate", "topics", "gateway", "credit", "shop"),
    ]
    credit = plan.services[-2]
    assert set(credit.after) == set(names[: names.index("gateway")])
    assert credit.argv[-4:] == ("run", "credit", "--replica", "0")
    assert (
        credit.ready_url
        == f"http://127.0.0.1:{credit.env['ATTRIBUTARY_ENGINE_HEALTH_PORT']}/readyz"
    )


def test_simulators_are_one_process_with_an_address_for_each_platform(tmp_path: Path) -> None:
    plan = stack(tmp_path)
    simulators = next(service for service in plan.services if service.name == "simulators")
    assert list(simulators.serves) == [f"simulator-{name}" for name in (*CONNECTORS, *SOURCES)]
    port = urlsplit(simulators.serves["simulator-meta"]).port
    assert f"meta={port}" in simulators.argv
    assert plan.environment["ATTRIBUTARY_META_BASE_URL"] == f"http://127.0.0.1:{port}"


def test_without_processors_only_servers_and_their_jobs_run(tmp_path: Path) -> None:
    plan = stack(tmp_path, processors=())
    names = [service.name for service in plan.services]
    assert names == ["kafka", "postgres", "migrate", "topics"]


def test_the_table_names_every_address(tmp_path: Path) -> None:
    row = Row(
        name="both", condition=Condition.READY, pid=7, started="7", started_at=None, port=None,
        ready_url=None, restarts=0, last_exit=None, command=(), log="",
        serves={"one": "tcp://127.0.0.1:1", "two": "http://127.0.0.1:2/healthz"},
    )  # fmt: skip
    drawn = Console(width=200, record=True, file=io.StringIO())
    drawn.print(table(State(pid=1, started="1", replicas=1, rows=(row,)), environment={}))
    lines = [line.split() for line in drawn.export_text().splitlines() if "127.0.0.1" in line]
    assert [(line[1], line[3], line[5]) for line in lines] == [
        ("one", "7", "127.0.0.1:1"),
        ("two", "7", "http://127.0.0.1:2"),
    ]


def test_every_service_has_a_port_of_its_own(tmp_path: Path) -> None:
    services = stack(tmp_path, replicas=3).services
    addresses = [address for service in services for address in service.addresses]
    ports = [urlsplit(address).port for address in addresses]
    assert len(ports) == len(set(ports)) == 7 + len(CONNECTORS) + len(SOURCES)


def test_replicas_multiply_every_processor_but_the_gateway(tmp_path: Path) -> None:
    plan = stack(tmp_path, replicas=2)
    assert [service.name for service in plan.services[-4:]] == [
        *("gateway", "credit-0", "credit-1", "shop"),
    ]
    gateway = plan.services[-4]
    assert gateway.env["ATTRIBUTARY_GATEWAY_PORT"] == str(gateway.port)
    assert gateway.env["ATTRIBUTARY_GATEWAY_SPOOL_DIR"] == str(tmp_path / "spool" / "gateway")
    assert plan.environment["GATEWAY_URL"] == f"http://127.0.0.1:{gateway.port}"


def test_servers_that_the_environment_names_are_used_instead(tmp_path: Path) -> None:
    plan = stack(tmp_path, environ=ELSEWHERE)
    assert {"kafka", "postgres"}.isdisjoint(service.name for service in plan.services)
    assert plan.environment.items() >= ELSEWHERE.items()


def test_a_shell_that_still_names_our_own_servers_does_not_make_them_foreign(
    tmp_path: Path,
) -> None:
    folder = StackFolder(tmp_path)
    first = stack(tmp_path)
    write_plan(folder.plan, first)
    assert outside_servers(folder, first.environment) == {}
    assert outside_servers(folder, ELSEWHERE) == ELSEWHERE


def test_a_plan_survives_its_file_and_is_private(tmp_path: Path) -> None:
    plan = Plan(
        services=(
            Service(name="job", argv=("a", "b"), once=True),
            Service(name="web", argv=("c",), env={"D": "e"}, port=1, after=("job",)),
        ),
        environment={"F": "g"},
        replicas=2,
    )
    write_plan(tmp_path / "plan.json", plan)
    assert read_plan(tmp_path / "plan.json") == plan
    assert mode(tmp_path / "plan.json") == 0o600


def test_a_plan_whose_services_wait_for_unknown_ones_is_refused() -> None:
    with pytest.raises(ValueError, match="later"):
        Plan(services=(Service(name="a", argv=(), after=("later",)),), environment={})


def test_generated_keys_are_private_and_never_change(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    keys = generated_keys(path)
    assert mode(path) == 0o600
    assert generated_keys(path) == keys
    path.write_text(json.dumps({"ATTRIBUTARY_SEAL_KEY": "kept"}))
    assert generated_keys(path)["ATTRIBUTARY_SEAL_KEY"] == "kept"
    assert generated_keys(path)["ATTRIBUTARY_VAULT_KEY"]


def test_a_shell_reads_from_the_env_file_what_was_written(tmp_path: Path) -> None:
    variables = {"DATABASE_URL": "postgresql://a:b'$c d@127.0.0.1:1/x", "EMPTY": ""}
    path = tmp_path / "env"
    write_env(path, variables)
    assert read_env(path) == variables
    command = ["bash", "-c", f'source {path}; printf %s "$DATABASE_URL"']
    sourced = subprocess.run(command, capture_output=True, text=True, check=True, env={})
    assert sourced.stdout == variables["DATABASE_URL"]
    assert mode(path) == 0o600


def test_ports_are_kept_from_one_run_to_the_next(tmp_path: Path) -> None:
    preferred = free_port()
    first = PortBook(tmp_path / "ports.json")
    ports = [first.take("kafka"), first.take("gateway", preferred=preferred)]
    first.save()
    second = PortBook(tmp_path / "ports.json")
    assert [second.take("kafka"), second.take("gateway", preferred=preferred)] == ports
    assert second.take("another", preferred=preferred) not in ports


def stack(
    folder: Path,
    *,
    processors: Sequence[str] = ("gateway", "credit"),
    replicas: int = 1,
    environ: Mapping[str, str] | None = None,
) -> Plan:
    place = StackFolder(folder)
    return build_plan(
        place,
        processors=processors,
        scale=Scale(replicas=replicas),
        outside=outside_servers(place, environ or {}),
        keys=generated_keys(place.secrets),
    )


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)
