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
_JAVA_PACKAGES: Final = ("openjdk-17-jre-headless", "openjdk-21-jre-headless")


def require(command: str, *, packages: tuple[str, ...]) -> str:
    """Return the path of `command`; if it is missing and we may, install the first that exists."""
    found = shutil.which(command)
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        found = _install(command, packages)
    if found is None:
        raise MissingProgram(
            f"{command} is not installed. Install it with: sudo apt-get install {packages[0]}"
        )
    return found


def require_java() -> str:
    """Return a Java that can run the broker."""
    java = require("java", packages=_JAVA_PACKAGES)
    banner = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    version = re.search(r'version "(?:1\.)?(\d+)', banner)
    if version is None or int(version[1]) < JAVA_FLOOR:
        raise MissingProgram(
            f"Kafka needs Java {JAVA_FLOOR} or newer, {java} is older. "
            f"Install it with: sudo apt-get install {_JAVA_PACKAGES[0]}"
        )
    return java


def _install(command: str, packages: tuple[str, ...]) -> str | None:
    apt = ["apt-get", "-y", "-qq"]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run([*apt, "update"], env=environment, check=False, capture_output=True)
    for package in packages:
        install = [*apt, "install", package]
        subprocess.run(install, env=environment, check=False, capture_output=True)
        if found := shutil.which(command):
            return found
    return None
