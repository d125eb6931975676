"""The libraries that the fuzz needs and the project does not, where it does not see them."""

import subprocess
import venv
from collections.abc import Callable
from pathlib import Path
from typing import Final

PEERS: Final = Path(".cache/fuzz").absolute()
PYTHON: Final = PEERS / "bin" / "python"
_REQUIREMENTS: Final = ("atheris==3.0.0", "schemathesis==4.32.5")


def install(tell: Callable[[str], object]) -> None:
    """Once, and again when others are wanted."""
    done, wanted = PEERS / "installed", "\n".join(_REQUIREMENTS)
    if done.exists() and done.read_text() == wanted:
        return
    tell(f"installing {', '.join(_REQUIREMENTS)} under {PEERS}")
    venv.create(PEERS, with_pip=True, clear=True)
    subprocess.run([PYTHON, "-m", "pip", "install", "-q", *_REQUIREMENTS], check=True)
    done.write_text(wanted)
