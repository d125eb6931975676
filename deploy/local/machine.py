"""Programs that the local stack needs from the machine.

A missing one is installed where that is possible (root and apt) and otherwise named together with
the command that installs it; nothing is ever replaced or upgraded.
"""

import os
import re
import shutil
import subprocess
from typing import Final

from deploy.local.failure import MissingProgram

JAVA_FLOOR: Final = 17


def require(command: str, *, package: str) -> str:
    """Return the path of `command`, installing its Debian package if it is missing and we may."""
    found = shutil.which(command)
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        _install(package)
        found = shutil.which(command)
    if found is None:
        raise MissingProgram(
            f"{command} is not installed. Install it with: sudo apt-get install {package}"
        )
    return found


def require_java() -> str:
    """Return a Java that can run the broker."""
    java = require("java", package="openjdk-17-jre-headless")
    banner = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    version = re.search(r'version "(?:1\.)?(\d+)', banner)
    if version is None or int(version[1]) < JAVA_FLOOR:
        raise MissingProgram(
            f"Kafka needs Java {JAVA_FLOOR} or newer, {java} is older. "
            "Install it with: sudo apt-get install openjdk-17-jre-headless"
        )
    return java


def _install(package: str) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update", "-qq"], ["install", "-y", "-qq", package]):
        subprocess.run(["apt-get", *command], env=environment, check=False, capture_output=True)
