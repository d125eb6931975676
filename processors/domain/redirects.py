"""Where a redirect may lead: to an address on a host that the tenant allows, and nowhere else.

A browser and a parser must never disagree on the host of an address, so everything on which they
could is refused rather than understood: another scheme than http and https, a missing `//`, user
info, backslashes, control characters and spaces, a host in other characters than ASCII (an
international name is written in punycode, `xn--...`), a percent sign in the host.
"""

import re
from collections.abc import Sequence
from typing import Final
from urllib.parse import quote, urlsplit

LONGEST: Final = 8_192
_HOST: Final = re.compile(
    r"(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
    r"(?::[1-9][0-9]{0,4})?"
)
_UNSAFE: Final = re.compile(r"[\x00-\x20\x7f-\x9f\\]")
_AS_IT_IS: Final = "!#$%&'()*+,-./:;=?@[]_~"
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


def hosts(text: str) -> tuple[str, ...]:
    """The hosts that a setting lists, separated by commas.

    `shop.example` allows that host alone, `*.shop.example` every host below it, and a port that is
    not the scheme's own must be listed, too (`localhost:3000`).

    Raises:
        ValueError: for what cannot be a host.
    """
    found = tuple(name for part in text.split(",") if (name := part.strip().lower()))
    for name in found:
        if not _HOST.fullmatch(name) or len(name) > 259:
            raise ValueError(f"{name} is no host; write shop.example or *.shop.example")
        if name.startswith("*.") and "." not in name[2:]:
            raise ValueError(f"{name} would allow a whole top level domain")
    return found


def target(text: str, allowed: Sequence[str]) -> str:
    """The address, as a Location header may say it.

    Raises:
        ValueError: when it is none, or leads to a host that is not allowed.
    """
    if len(text) > LONGEST:
        raise ValueError(f"is longer than {LONGEST} characters")
    if _UNSAFE.search(text):
        raise ValueError("has a space, a backslash or a control character")
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise ValueError("is no address") from None
    if parts.scheme not in _DEFAULT_PORTS or not parts.netloc or not host:
        raise ValueError("must be an address that begins with https:// or http://")
    if "@" in parts.netloc:
        raise ValueError("must not have a user name")
    if "[" in parts.netloc:
        raise ValueError("must have a host by name")
    if not parts.netloc.isascii():
        raise ValueError("must have its host in ASCII (xn--...)")
    if port not in (None, _DEFAULT_PORTS[parts.scheme]):
        host = f"{host}:{port}"
    if not any(_allows(rule, host) for rule in allowed):
        raise ValueError("leads to a host that is not in redirect_hosts")
    return quoted(text)


def quoted(text: str) -> str:
    """The address in ASCII; what is quoted already stays so."""
    return quote(text, safe=_AS_IT_IS)


def _allows(rule: str, host: str) -> bool:
    if rule.startswith("*."):
        return host.endswith(rule[1:]) and len(host) >= len(rule)
    return host == rule
