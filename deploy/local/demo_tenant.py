"""The demo tenant's API key: asked for once, since a key is shown only when it is made."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Final

from deploy.local.failure import LocalStackError

DEMO_TENANT: Final = "demo"
_SECONDS: Final = 60.0


def demo_key(environment: Mapping[str, str], *, known: str | None) -> str | None:
    """Return the key of the demo tenant, making the tenant if it is not there yet.

    None when the tenant exists in a database of the caller's and its key was never seen here.
    """
    add = [sys.executable, "-m", "processors", "tenant", "add", DEMO_TENANT, "--json"]
    result = subprocess.run(
        add,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    made = _key_in(result.stdout)
    if made is not None or known is not None:
        return made or known
    if result.returncode != 0 and "exists" not in result.stdout + result.stderr:
        raise LocalStackError(f"the demo tenant could not be made:\n{result.stderr.strip()}")
    return None


def _key_in(output: str) -> str | None:
    try:
        document = json.loads(output)
    except ValueError:
        return None
    key = document.get("api_key") if isinstance(document, dict) else None
    return key if isinstance(key, str) and key else None
