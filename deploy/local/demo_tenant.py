"""The demo tenant's API key and the browser key of its shop: each is asked for once, since a key is
shown only when it is made."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Final

from deploy.local.failure import LocalStackError

DEMO_TENANT: Final = "demo"
SHOP_LABEL: Final = "demo-shop"
_SECONDS: Final = 60.0
_ID_LENGTH: Final = 12


def demo_key(environment: Mapping[str, str], *, known: str | None) -> str | None:
    """Return the key of the demo tenant, making the tenant if it is not there yet.

    None when the tenant exists in a database of the caller's and its key was never seen here.
    """
    result = _run(["tenant", "add", DEMO_TENANT, "--json"], environment)
    made = _key_in(result.stdout)
    if made is not None or known is not None:
        return made or known
    if result.returncode != 0 and "exists" not in result.stdout + result.stderr:
        raise LocalStackError(f"the demo tenant could not be made:\n{result.stderr.strip()}")
    return None


def shop_key(environment: Mapping[str, str], *, known: str | None, port: int) -> str:
    """Return a browser key of the demo tenant that pages from this port of ours may use: the known
    one, bound to that port, or a new one.

    Raises:
        LocalStackError: when there can be none.
    """
    hosts = ("127.0.0.1", "localhost")
    origins = [part for host in hosts for part in ("--origin", f"http://{host}:{port}")]
    if known is not None:
        key_id = hashlib.sha256(known.encode()).hexdigest()[:_ID_LENGTH]
        if _run(["key", "set", DEMO_TENANT, key_id, *origins], environment).returncode == 0:
            return known
    add = ["key", "add", DEMO_TENANT, "--kind", "browser", "--label", SHOP_LABEL, "--json"]
    result = _run([*add, *origins], environment)
    made = _key_in(result.stdout)
    if made is None:
        raise LocalStackError(f"the shop's key could not be made:\n{result.stderr.strip()}")
    return made


def _run(arguments: list[str], environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "processors", *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )


def _key_in(output: str) -> str | None:
    try:
        document = json.loads(output)
    except ValueError:
        return None
    key = document.get("api_key") if isinstance(document, dict) else None
    return key if isinstance(key, str) and key else None
