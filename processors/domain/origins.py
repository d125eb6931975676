"""Origins of web pages, and which of them a list allows.

A pattern is an origin (`https://shop.example`, a port where it has one) or every subdomain of a
host (`https://*.shop.example`, which is not the host itself). Without a scheme it means https:
a page that came without encryption says whatever the network wants. `null`, which sandboxed frames
and files send, is never in a list.
"""

import re
from collections.abc import Iterable
from typing import Final

ANY: Final = "*"

_LABELS: Final = r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*"
_PATTERN: Final = re.compile(
    rf"(?:(?P<scheme>https?)://)?(?P<wild>\*\.)?(?P<host>{_LABELS})(?::(?P<port>\d{{1,5}}))?/?"
)
_SUBDOMAIN: Final = re.compile(_LABELS)
_DEFAULT_PORTS: Final = {"http": "80", "https": "443"}


def normalised(pattern: str) -> str:
    """The pattern as it is stored and compared.

    Raises:
        ValueError: saying what is wrong with it.
    """
    found = _PATTERN.fullmatch(pattern.strip().lower())
    if found is None or found["host"] == "null":
        raise ValueError(f"{pattern!r} is no origin, such as https://shop.example")
    scheme, host, port = found["scheme"] or "https", found["host"], found["port"]
    if found["wild"] and "." not in host:
        raise ValueError(f"{pattern!r} would allow every site under {host}")
    shown = "" if port in (None, _DEFAULT_PORTS[scheme]) else f":{port}"
    return f"{scheme}://{found['wild'] or ''}{host}{shown}"


class Origins:
    """A list of patterns, ready to be asked."""

    __slots__ = ("_exact", "_wild", "any")

    def __init__(self, patterns: Iterable[str]) -> None:
        said = [pattern.strip() for pattern in patterns]
        known = {normalised(pattern) for pattern in said if pattern not in ("", ANY)}
        self.any = ANY in said
        """Whether everybody is allowed, though only without cookies."""
        self._exact = frozenset(pattern for pattern in known if ANY not in pattern)
        self._wild = tuple(sorted(_ends(pattern) for pattern in known if ANY in pattern))

    def names(self, origin: str) -> bool:
        """Whether the list names the origin, or a host that it belongs to."""
        if origin in self._exact:
            return True
        return any(
            origin.startswith(start)
            and origin.endswith(end)
            and _SUBDOMAIN.fullmatch(origin, len(start), len(origin) - len(end)) is not None
            for start, end in self._wild
        )


def _ends(pattern: str) -> tuple[str, str]:
    start, _, end = pattern.partition(ANY)
    return start, end
