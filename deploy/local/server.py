"""A single server outside the supervisor: what the tests start, kill and start again.

Port and data directory stay the same over every restart, as they do for a real server.
"""

import os
import subprocess
from pathlib import Path
from typing import Final

from deploy.local.failure import StartFailed
from deploy.local.files import last_lines
from deploy.local.process import kill_group, spawn, wait_until
from deploy.local.readiness import is_ready
from deploy.local.service import Service

_START_SECONDS: Final = 60.0
_STOP_SECONDS: Final = 20.0


class Server:
    """Runs one service as a child of this process."""

    def __init__(self, service: Service, *, log: Path) -> None:
        self.service = service
        self.log = log
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The pid of the running server."""
        if self._process is None:
            raise RuntimeError(f"{self.service.name} is not running")
        return self._process.pid

    def launch(self) -> None:
        """Start without waiting; `wait_ready` follows."""
        if self._process is not None and self._process.poll() is None:
            return
        environment = os.environ | dict(self.service.env)
        self._process = spawn(self.service.argv, env=environment, log=self.log)

    def wait_ready(self, *, seconds: float = _START_SECONDS) -> None:
        """Return when the server serves; raise with the end of its log when it does not."""
        ready = wait_until(lambda: self._exited() or self._ready(), seconds=seconds)
        if not ready or self._exited():
            self.kill()
            raise StartFailed(
                self.service.name,
                reason="did not start",
                log_tail=last_lines(self.log),
                advice=f"The whole log is in {self.log}",
            )

    def start(self) -> None:
        """Start and wait until the server serves; nothing to do when it already does."""
        self.launch()
        self.wait_ready()

    def stop(self) -> None:
        """End it as an operator would, and wait; SIGKILL when it takes too long."""
        if self._process is None:
            return
        self._process.send_signal(self.service.stop_signal)
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
        self._process = None

    def kill(self) -> None:
        """SIGKILL: what a crash, the kernel's memory killer or a power cut of the process does."""
        if self._process is None:
            return
        kill_group(self._process.pid)
        self._process.wait()
        self._process = None

    def restart(self) -> None:
        """Stop and start on the same port and data."""
        self.stop()
        self.start()

    def _ready(self) -> bool:
        return self.service.ready_url is not None and is_ready(self.service.ready_url)

    def _exited(self) -> bool:
        return self._process is None or self._process.poll() is not None
