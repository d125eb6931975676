"""The last net before a topic: no clear email or phone number leaves in any field.

What the routes know to be personal they hash and seal. This looks at everything else: an
email or a phone number inside an id, a URL, a property is replaced by its SHA-256, so that two
people stay two; a URL parameter or property named for personal data loses its value.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final

from processors.domain.hashing import email_hash, phone_hash

REMOVED: Final = "[removed]"

_AT, _PERCENT, _PLUS_SIGN = b"@%+"

_PLUS: Final = re.compile(rb"(?:\+|%2[Bb])[1-9]\d{7}")
_DOMAIN: Final = re.compile(r"(?:@|%40)[^\W_](?:[\w-]*+\.)+[^\W\d_]{2,}")
_MAILBOX: Final = re.compile(r"[^\s\"'<>()\[\],;:\\/@?&=#%]+")
_LONGEST_MAILBOX: Final = 64
_PHONE: Final = re.compile(r"(?<![\w.])(?:\+|%2[Bb])[1-9]\d{7,14}(?!\w)")

_NAMES: Final = (
    r"e[-_]?mail(?:[-_]?address)?|phone(?:[-_]?number)?|tel|telephone|mobile(?:[-_]?number)?|"
    r"msisdn|whatsapp|first[-_]?name|last[-_]?name|full[-_]?name|given[-_]?name|family[-_]?name|"
    r"surname|address[-_]?[12]?|street(?:[-_]?address)?|zip(?:[-_]?code)?|postal[-_]?code|"
    r"dob|date[-_]?of[-_]?birth|birthday|birth[-_]?date|password|ssn|card[-_]?number|iban|"
    r"em|ph|fn|ln"
)
_PERSONAL: Final = re.compile(
    rf"(?:(?:customer|user|billing|shipping|contact)[-_.]?)?(?:{_NAMES})", re.IGNORECASE
)
_LONGEST_NAME: Final = 40
_PARAMETER: Final = re.compile(
    rf"([?&#;])(?:(?:customer|user|billing|shipping|contact)[-_.]?)?(?:{_NAMES})=[^&#;]*",
    re.IGNORECASE,
)


def suspect(value: bytes) -> bool:
    """Whether a serialised record may hold an email or a phone number; most hold neither."""
    # An integer is looked for ten times as fast as a byte string of one.
    if _AT in value:
        return True
    if _PERCENT in value:
        return b"%40" in value or _PLUS.search(value) is not None
    return _PLUS_SIGN in value and _PLUS.search(value) is not None


def text(value: str) -> str:
    """The text with every email and phone number replaced by its hash."""
    if "@" in value or "%40" in value:
        value = _without_emails(value)
    return _PHONE.sub(lambda m: phone_hash(_plus(m[0])), value)


def emails(value: str) -> list[str]:
    """Every email in the text."""
    return [value[begin:end].replace("%40", "@") for begin, end in _emails(value)]


def phones(value: str) -> list[str]:
    """Every phone number in the text that has its country's code."""
    return [_plus(found[0]) for found in _PHONE.finditer(value)]


def _plus(number: str) -> str:
    return number.replace("%2B", "+").replace("%2b", "+")


def _without_emails(value: str) -> str:
    parts: list[str] = []
    done = 0
    for begin, end in _emails(value):
        parts += value[done:begin], email_hash(value[begin:end].replace("%40", "@"))
        done = end
    return "".join((*parts, value[done:]))


def _emails(value: str) -> Iterator[tuple[int, int]]:
    """Looks for domains, and from each back for its mailbox: a mailbox that is looked for first
    would read the domain once for each of its own letters."""
    done = 0
    for domain in _DOMAIN.finditer(value):
        at = domain.start()
        mailbox = _MAILBOX.match(value[max(done, at - _LONGEST_MAILBOX) : at][::-1])
        if mailbox is not None:
            done = domain.end()
            yield at - mailbox.end(), done


@lru_cache(4096)
def _is_personal(name: str) -> bool:
    """Whether a parameter is named for personal data; the web's parameters have few names."""
    return _PERSONAL.fullmatch(name) is not None


def url(value: str) -> str:
    """The URL without parameters that are named for personal data."""
    if "=" not in value or not _names_somebody(value):
        return value
    while (shorter := _PARAMETER.sub(_separator, value)) != value:
        value = shorter
    return value


def _names_somebody(value: str) -> bool:
    """Whether a parameter may be named for personal data; no expression finds it as fast."""
    parts = value.replace("?", "&").replace("#", "&").replace(";", "&").split("&")
    for part in parts[1:]:
        name, mark, _ = part.partition("=")
        if mark and len(name) <= _LONGEST_NAME and _is_personal(name):
            return True
    return False


def _separator(found: re.Match[str]) -> str:
    return f"{found[1]}{REMOVED}" if found[1] in "?#" else ""


def anything(value: Any) -> Any:
    """Every string inside, keys too, by `text`."""
    if type(value) is str:
        return text(value)
    if type(value) is dict:
        return {text(key): anything(inner) for key, inner in value.items()}
    if type(value) is list:
        return [anything(inner) for inner in value]
    return value


def properties(value: Any) -> Any:
    """The same properties, with the values removed that stand under a personal name."""
    if type(value) is dict:
        return {
            key: REMOVED if inner is not None and _PERSONAL.fullmatch(key) else properties(inner)
            for key, inner in value.items()
        }
    if type(value) is list:
        return [properties(inner) for inner in value]
    return value
