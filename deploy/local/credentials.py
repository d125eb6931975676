"""Keys that the processors need, generated once for this checkout and kept private.

A key that changed would make everything sealed under it unreadable, so what exists is never
replaced.
"""

import base64
import json
import secrets
from pathlib import Path
from typing import Final

from deploy.local.files import write_atomically

_SEAL_KEY_BYTES: Final = 64
_VAULT_KEY_BYTES: Final = 32


def generated_keys(path: Path) -> dict[str, str]:
    """Return each key as the environment variable that the processors read."""
    known: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    complete = _new_keys() | known
    if complete != known:
        write_atomically(path, json.dumps(complete, indent=2), mode=0o600)
    return complete


def _new_keys() -> dict[str, str]:
    seal, vault = (secrets.token_bytes(size) for size in (_SEAL_KEY_BYTES, _VAULT_KEY_BYTES))
    return {
        "ATTRIBUTARY_SEAL_KEY": base64.b64encode(seal).decode(),
        "ATTRIBUTARY_VAULT_KEY": base64.urlsafe_b64encode(vault).decode(),
    }
