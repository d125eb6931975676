"""All simulators in one process: each has a port, troubles and a memory of its own."""

import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection, RemoteDisconnected
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from deploy.local.ports import free_port
from deploy.local.process import wait_until
from deploy.local.readiness import is_ready

PLATFORMS = ("ga4", "sgtm", "fairing")
GA4_QUERY = "measurement_id=G-1&api_secret=s"
EVENT = {"client_id": "1.2", "events": [{"name": "purchase", "params": {"transaction_id": "t1"}}]}


def test_each_answers_on_a_port_of_its_own_as_its_own_vendor(tmp_path: Path) -> None:
    with served(tmp_path) as url:
        assert "events" in get(url["ga4"], "/_sim/stats")
        assert "requests" in get(url["fairing"], "/_sim/stats")
        assert httpx.get(url["fairing"] + "/responses").status_code == 401
        assert httpx.get(url["ga4"] + "/responses").status_code == 404


def test_troubles_and_cut_connections_are_those_of_one_platform(tmp_path: Path) -> None:
    with served(tmp_path) as url:
        tell(url["ga4"], {"steps": [{"drop": "before"}, {"status": 503, "count": 2}]})
        with pytest.raises(httpx.TransportError):
            send(url["ga4"])
        assert get(url["sgtm"], "/_sim/stats")["script_left"] == 0
        assert get(url["ga4"], "/_sim/stats")["script_left"] == 2
        assert send(url["ga4"]).status_code == 503


def test_a_cut_spares_the_connection_of_the_same_client_port_to_another(tmp_path: Path) -> None:
    local = free_port()
    with (
        served(tmp_path) as url,
        connected(local, url["ga4"]) as victim,
        connected(local, url["sgtm"]) as bystander,
    ):
        assert asked(victim, "GET", "/healthz") == 200
        assert asked(bystander, "GET", "/healthz") == 200
        tell(url["ga4"], {"steps": [{"drop": "before"}]})
        with pytest.raises(RemoteDisconnected):
            asked(victim, "POST", "/mp/collect")
        assert asked(bystander, "GET", "/healthz") == 200


def test_each_remembers_what_it_accepted_over_a_kill_of_the_process(tmp_path: Path) -> None:
    with served(tmp_path) as url:
        assert send(url["ga4"]).is_success
    with served(tmp_path) as url:
        assert [event["id"] for event in get(url["ga4"], "/_sim/accepted")] == ["t1"]
        assert get(url["sgtm"], "/_sim/accepted") == []


def test_a_platform_without_simulator_or_port_is_refused() -> None:
    for wrong, why in (("nowhere=1", "no simulator of nowhere"), ("ga4", "no port for ga4")):
        ended = subprocess.run(command(wrong), capture_output=True, text=True, check=False)
        assert ended.returncode == 2
        assert why in ended.stderr


def command(*arguments: str) -> Sequence[str]:
    return (sys.executable, "-m", "deploy.simulators", *arguments)


@contextmanager
def served(folder: Path) -> Iterator[dict[str, str]]:
    """Addresses by platform; the process is killed at the end."""
    ports: dict[str, int] = {}
    for platform in PLATFORMS:
        ports[platform] = free_port(besides=frozenset(ports.values()))
    told = [f"{platform}={port}" for platform, port in ports.items()]
    with subprocess.Popen(command(*told, "--state", str(folder))) as process:
        try:
            urls = [f"tcp://127.0.0.1:{port}" for port in ports.values()]
            assert wait_until(lambda: all(map(is_ready, urls)), seconds=30)
            yield {platform: f"http://127.0.0.1:{port}" for platform, port in ports.items()}
        finally:
            process.kill()


@contextmanager
def connected(local: int, url: str) -> Iterator[HTTPConnection]:
    """A connection that leaves from this port."""
    address = urlsplit(url)
    connection = HTTPConnection(address.netloc)
    with socket.socket() as connection.sock:
        connection.sock.settimeout(10)
        connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        connection.sock.bind(("127.0.0.1", local))
        connection.sock.connect((address.hostname, address.port))
        yield connection


def asked(connection: HTTPConnection, method: str, path: str) -> int:
    connection.request(method, path)
    answer = connection.getresponse()
    answer.read()
    return answer.status


def send(url: str) -> httpx.Response:
    return httpx.post(f"{url}/mp/collect?{GA4_QUERY}", json=EVENT)


def get(url: str, path: str) -> Any:
    return httpx.get(url + path).json()


def tell(url: str, script: dict[str, Any]) -> None:
    httpx.post(f"{url}/_sim/script", json=script).raise_for_status()
