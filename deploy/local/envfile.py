"""`.attributary/env`: what a shell, or the next `up`, needs to talk to the stack."""

import re
import shlex
from collections.abc import Mapping
from pathlib import Path

from deploy.local.files import write_atomically


def write_env(path: Path, variables: Mapping[str, str]) -> None:
    """Write `export NAME=value` lines; only we can read them, they hold credentials."""
    lines = [f"export {name}={shlex.quote(value)}" for name, value in variables.items()]
    write_atomically(path, "\n".join(lines) + "\n", mode=0o600)


def read_env(path: Path) -> dict[str, str]:
    """Read what `write_env` wrote; empty when there is no file."""
    if not path.exists():
        return {}
    found = re.findall(r"^export (\w+)=(.*)$", path.read_text(), flags=re.MULTILINE)
    return {name: "".join(shlex.split(value)) for name, value in found}
