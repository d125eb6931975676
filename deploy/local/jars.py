"""The broker's jars: resolved by Maven from the pinned pom, once, into a git-ignored cache.

The folder is renamed into place when it is complete, so a download that was killed is done again
and a folder that exists is whole. A lock keeps two starters from downloading at the same time. Its
name has a hash of the pom: another pin is another folder.
"""

import fcntl
import hashlib
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Final

from deploy.local.failure import LocalStackError
from deploy.local.machine import require

PROJECT: Final = Path(__file__).resolve().parents[2]
_POM: Final = PROJECT / "deploy" / "kafka" / "pom.xml"
_CACHE: Final = PROJECT / ".cache" / "kafka"


def ensure(report: Callable[[str], None] = print) -> Path:
    """Return the folder with every jar of the broker, downloading it if it is not there yet."""
    folder = _CACHE / hashlib.sha256(_POM.read_bytes()).hexdigest()[:12]
    if folder.exists():
        return folder
    _CACHE.mkdir(parents=True, exist_ok=True)
    with (_CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            report("downloading Kafka (about 45 MB, once)")
            _download(folder)
    return folder


def _download(folder: Path) -> None:
    part = folder.with_suffix(".part")
    shutil.rmtree(part, ignore_errors=True)
    maven = require("mvn", packages=("maven",))
    result = subprocess.run(
        [
            *(maven, "--quiet", "--batch-mode", "--strict-checksums", "--file", str(_POM)),
            *("dependency:copy-dependencies", "-DincludeScope=runtime"),
            f"-DoutputDirectory={part}",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode != 0 or not any(part.glob("kafka_*.jar")):
        raise LocalStackError(
            f"Maven could not download Kafka:\n{(result.stdout + result.stderr).strip()[-2000:]}\n"
            "Check the network and ~/.m2/settings.xml (mirror, proxy), or set "
            "KAFKA_BOOTSTRAP_SERVERS to a broker that exists."
        )
    part.rename(folder)
