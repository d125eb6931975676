"""How likely a platform knows whom an event is about, from 0 to 10, in the manner of Meta's event
match quality, which no vendor publishes a formula of.

Each identifier is taken as an independent chance of a match, so that a second strong one adds less
than the first, as it does in practice. The chances are ours. Their order is that of the vendors'
advice: email, phone and the ad's click id first, then ids of the shop and the browser, then what
many people share. A complete event scores 10. A value that cannot be one counts as absent.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import ip_address
from math import prod
from typing import Any, Final

from processors.domain import normalise
from processors.domain.hashing import is_sha256
from processors.domain.identifiers import is_junk
from processors.domain.urls import CLICK_IDS

CHANCES: Final = {
    "email": 0.55,
    "phone": 0.45,
    "click_id": 0.45,
    "external_id": 0.30,
    "browser_id": 0.30,
    "client": 0.15,
    "name": 0.10,
    "place": 0.10,
    "date_of_birth": 0.05,
    "gender": 0.02,
}
"""The chance that an identifier alone leads to the person. `client` is address and agent, `name`
both names, `place` a postal code or a city: half of a pair is worth half."""
BEST: Final = 10.0
_COMPLETE: Final = 1 - prod(1 - chance for chance in CHANCES.values())

NAMES: Final[dict[str, tuple[str, ...]]] = {
    "email": ("email", "em", "email_sha256"),
    "phone": ("phone", "phone_number", "ph", "phone_sha256"),
    "external_id": ("external_id", "customer_id"),
    "browser_id": ("fbp", "ttp", "ga4_client_id"),
    "click_id": ("fbc", *CLICK_IDS),
    "ip": ("client_ip_address", "ip"),
    "user_agent": ("client_user_agent", "user_agent"),
    "first_name": ("first_name", "fn"),
    "last_name": ("last_name", "ln"),
    "city": ("city", "ct"),
    "zip": ("zip", "zp", "postal_code"),
    "date_of_birth": ("date_of_birth", "db", "dob"),
    "gender": ("gender", "ge"),
}
"""Each detail under the names that vendors give it."""
PARTS: Final[dict[str, tuple[str, ...]]] = {
    "client": ("ip", "user_agent"),
    "name": ("first_name", "last_name"),
    "place": ("zip", "city"),
}
_FBC: Final = re.compile(r"fb\.\d\.\d{13}\.\S+")
_FBP: Final = re.compile(r"fb\.\d\.\d{10,13}\.\d+\S*")
_BORN: Final = re.compile(r"\d{8}|\d{4}-\d\d-\d\d")
_SHORTEST_AGENT: Final = 8
_LONGEST_AGENT: Final = 2_048
_LONGEST: Final = 512


@dataclass(frozen=True, slots=True)
class UserData:
    """What an event says of a person, by the names of `NAMES`; `wrong` is what cannot be such a
    value."""

    good: Mapping[str, str] = field(default_factory=dict, repr=False)
    wrong: Mapping[str, str] = field(default_factory=dict, repr=False)

    @classmethod
    def read(cls, parts: Iterable[Any]) -> "UserData":
        """From the objects of an event; of a detail that comes twice the first good one counts."""
        good: dict[str, str] = {}
        wrong: dict[str, str] = {}
        for part in parts:
            if type(part) is dict:
                for name, value in part.items():
                    key = _KEYS.get(name)
                    if key is not None and key not in good:
                        _judge(key, name, value, good, wrong)
        for key in good:
            wrong.pop(key, None)
        return cls(good, wrong)

    def match_quality_score(self) -> float:
        """0 to 10, to one decimal: see the top of this file."""
        return round(score(self.good), 1)


def score(known: Collection[str]) -> float:
    """As `match_quality_score`, of the details that are known, unrounded."""
    missed = 1.0
    for name, chance in CHANCES.items():
        pair = PARTS.get(name)
        if pair is None:
            if name in known:
                missed *= 1 - chance
        elif (n := (pair[0] in known) + (pair[1] in known)) > 0:
            missed *= 1 - chance * n / 2 if name != "place" else 1 - chance
    return BEST * (1 - missed) / _COMPLETE


def _judge(key: str, name: str, value: Any, good: dict[str, str], wrong: dict[str, str]) -> None:
    if type(value) is list and value:
        value = value[0]
    if value is None or value == "" or type(value) is list:
        return
    text = str(value) if type(value) is int else value
    if type(text) is not str:
        reason: str | None = "is not a text"
    elif len(text) > (_LONGEST_AGENT if key == "user_agent" else _LONGEST):
        reason = "is too long"
    else:
        reason = _CHECKS[key](text, name)
    if reason is None:
        good[key] = text
    else:
        wrong.setdefault(key, reason)


def _email(value: str, _: str) -> str | None:
    fine = is_sha256(value) or normalise.email(value) is not None
    return None if fine else "is no address"


def _phone(value: str, _: str) -> str | None:
    fine = is_sha256(value) or normalise.phone_digits(value) is not None
    return None if fine else "is no phone number"


def _id(value: str, _: str) -> str | None:
    return "stands for nothing" if is_junk(value) else None


def _cookie(own: str, form: re.Pattern[str]) -> Callable[[str, str], str | None]:
    """A check of ids, of which one comes as a cookie of a known form."""

    def check(value: str, name: str) -> str | None:
        fine = form.fullmatch(value) if name == own else not is_junk(value)
        return None if fine else "has not the form that it must have"

    return check


def _address(value: str, _: str) -> str | None:
    return _address_reason(value)


@lru_cache(maxsize=4096)
def _address_reason(value: str) -> str | None:
    try:
        return None if ip_address(value.strip()).is_global else "is no public address"
    except ValueError:
        return "is no address"


def _agent(value: str, _: str) -> str | None:
    return None if len(value) >= _SHORTEST_AGENT else "is too short"


def _born(value: str, _: str) -> str | None:
    return None if is_sha256(value) or _BORN.fullmatch(value) else "is no date"


_CHECKS: Final[dict[str, Callable[[str, str], str | None]]] = {
    **dict.fromkeys(NAMES, _id),
    "email": _email,
    "phone": _phone,
    "browser_id": _cookie("fbp", _FBP),
    "click_id": _cookie("fbc", _FBC),
    "ip": _address,
    "user_agent": _agent,
    "date_of_birth": _born,
}
_KEYS: Final = {name: key for key, names in NAMES.items() for name in names}
