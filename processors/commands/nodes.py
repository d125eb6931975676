"""Ids as an operator writes them: `kind:value`, with an email or a phone in clear or hashed."""

from typing import Final

from processors.commands.operator import Refused
from processors.domain.hashing import email_hash, is_sha256, phone_hash
from processors.domain.normalise import email
from processors.domain.phones import phone_digits
from schemas.joining import STRENGTH

LONGEST: Final = 512
_EMAIL: Final = "email"
_PHONE: Final = "phone"


def node_of(text: str) -> str:
    """The node of the identity graph that `kind:value` names; never with clear details in it.

    Raises:
        Refused: for a kind that there is none of, or a value that it cannot have.
    """
    kind, _, value = text.strip().partition(":")
    if kind not in STRENGTH or not value:
        raise Refused(
            f"{text!r} is no id: write kind:value, the kind one of {', '.join(sorted(STRENGTH))}"
        )
    if len(text) > LONGEST:
        raise Refused(f"{kind}: an id has {LONGEST} characters at most")
    if kind in (_EMAIL, _PHONE):
        value = _hashed(kind, value)
    return f"{kind}:{value}"


def candidates(text: str) -> list[str]:
    """Every node that the text can mean: the one it names, else a bare value of any kind."""
    text = text.strip()
    kind, _, value = text.partition(":")
    if kind in STRENGTH and value:
        return [node_of(text)]
    found = [f"{kind}:{text}" for kind in STRENGTH if kind not in (_EMAIL, _PHONE)]
    for kind in (_EMAIL, _PHONE):
        try:
            found.append(node_of(f"{kind}:{text}"))
        except Refused:
            continue
    return found


def _hashed(kind: str, value: str) -> str:
    if is_sha256(value):
        return value.lower()
    if kind == _EMAIL and email(value) is not None:
        return email_hash(value)
    if kind == _PHONE and phone_digits(value) is not None:
        return phone_hash(value)
    what = "an address" if kind == _EMAIL else "a number with its country's code"
    raise Refused(f"{kind}: give {what}, or the SHA-256 of it in its normal form")
