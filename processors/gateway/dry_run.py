"""Whether a request only asks what would become of it: `?dry_run=1` or `X-Dry-Run: 1`.

Everything is checked and answered as at the real door, and nothing is produced. Whatever is not
clearly a no is a yes: a rehearsal that was taken for real would be the greater harm.
"""

from collections.abc import Mapping
from typing import Final

from processors.gateway.query import values

HEADER: Final = b"x-dry-run"
_NAME: Final = b"dry_run"
_NO: Final = frozenset({"0", "false", "no", "off"})


def is_asked(headers: Mapping[bytes, bytes], query: bytes) -> bool:
    """Whether the request says so."""
    said = headers.get(HEADER)
    if said is not None and _means(said.decode("latin-1")):
        return True
    return any(_means(text) for text in values(query, _NAME))


def _means(text: str) -> bool:
    return text.strip().lower() not in _NO
