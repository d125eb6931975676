"""Pages of a shop that has another vendor's SDK, bundled as the shop would do it."""

import json
import os
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from tests.unit.gateway.pixel.node import PIXEL, program

_SOURCES: Final = Path(__file__).parent / "sdks"
_MODULES: Final = PIXEL / "node_modules"
_PAGE: Final = """<!doctype html>
<meta http-equiv="Content-Security-Policy" content="%s">
<title>Hats</title>
<script>window.setup = %s</script>
<script src="/%s.js"></script>
"""


def page(sdk: str, options: Mapping[str, Any], *, key: str, gateway: str) -> bytes:
    """A page that loads `/{sdk}.js`, and may ask nobody but its shop and the gateway."""
    policy = f"default-src 'none'; script-src 'self' 'unsafe-inline'; connect-src {gateway}"
    setup = {"key": key, "gateway": gateway, "options": options}
    return (_PAGE % (policy, json.dumps(setup), sdk)).encode()


@cache
def script(sdk: str) -> bytes:
    """The bundle of `sdks/{sdk}.js`."""
    program("node")
    done = subprocess.run(
        [_MODULES / ".bin" / "esbuild", _SOURCES / f"{sdk}.js", "--bundle", "--format=iife"],
        env={**os.environ, "NODE_PATH": str(_MODULES)},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout
