"""When a broker counts as ready."""

import socket
import struct
import threading

import pytest

from deploy.local.readiness import is_ready


def _answer_once(listening: socket.socket, brokers: int) -> None:
    """A broker's Metadata, version 4, as far as the number of brokers; the request's own id."""
    connection, _ = listening.accept()
    with connection:
        asked = connection.recv(1024)
        connection.sendall(struct.pack(">i4sii", 12, asked[8:12], 0, brokers))


@pytest.mark.parametrize(("brokers", "ready"), [(0, False), (1, True)])
def test_a_broker_is_ready_when_it_knows_of_itself(brokers: int, ready: bool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        broker = threading.Thread(target=_answer_once, args=(listening, brokers))
        broker.start()
        assert is_ready(f"kafka://127.0.0.1:{listening.getsockname()[1]}") is ready
        broker.join(5)
