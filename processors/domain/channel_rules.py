"""The engine of channel rules: an ordered list of conditions, and the first that holds decides.

Rules are data: a tenant's own come before the defaults. A condition is a field with patterns:
words, compared without case, in which `*` stands for anything and `[...]` for one of its
characters; the empty pattern holds for what is not there. A host stands for those below it, too.
Pure and versioned: the same touch under the same version has one answer.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import translate
from functools import lru_cache
from typing import Final, NamedTuple

from processors.domain.channel_facts import FIELDS, HOSTS, Inputs, Value, facts, sites

FOUND: Final = "@found"
CLICK: Final = "@click"
REFERRER: Final = "@referrer"
PLATFORM_REFERENCES: Final = (FOUND, CLICK, REFERRER)
"""Platforms that a rule need not name: of the source, else the click id, else (with no source)
the referrer; of the click id; of the referrer."""
PARTNERS: Final = frozenset({"affiliate", "influencer"})

WILD: Final = frozenset("*?[")
REMEMBERED: Final = 1024
"""Verdicts, and values of each field, of one set of rules."""


@dataclass(frozen=True, slots=True)
class Rule:
    """All fields of `when` must match one of their patterns."""

    name: str
    when: Mapping[str, tuple[str, ...]]
    channel: str
    platform: str = FOUND


class Verdict(NamedTuple):
    """What was decided, and by which rule (its place in the list)."""

    place: int
    channel: str
    platform: str


@dataclass(frozen=True, slots=True)
class Tried:
    """A rule that was looked at, and the fields that did not match: none for the one that holds."""

    rule: Rule
    failed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Patterns:
    """The patterns of one field of a rule, compiled."""

    exact: frozenset[str]
    wild: re.Pattern[str] | None
    below: tuple[str, ...]

    @classmethod
    def of(cls, patterns: Sequence[str], *, is_host: bool) -> "_Patterns":
        lower = [pattern.lower() for pattern in patterns]
        plain = frozenset(pattern for pattern in lower if WILD.isdisjoint(pattern))
        globs = [pattern for pattern in lower if pattern not in plain]
        return cls(
            exact=plain,
            # Python's own translation never backtracks, whatever a tenant writes.
            wild=re.compile("|".join(map(translate, globs))) if globs else None,
            below=tuple(f".{host}" for host in sorted(plain) if host) if is_host else (),
        )

    def hold(self, value: Value) -> bool:
        if isinstance(value, tuple):
            return any(map(self._one, value)) if value else "" in self.exact
        return self._one(value)

    def _one(self, value: str) -> bool:
        if value in self.exact:
            return True
        if not value:
            return False
        if value.endswith(self.below):
            return True
        return self.wild is not None and self.wild.match(value) is not None


class RuleSet:
    """Rules in force, compiled: for each field the rules that a value of it leaves possible, as a
    bit mask. Masks and verdicts are remembered: touches repeat their words."""

    def __init__(self, rules: Sequence[Rule], version: str) -> None:
        """The last rule must hold for every touch."""
        self.rules: Final = tuple(rules)
        self.version: Final = version
        self.asked: Final = frozenset(name for rule in rules for name in rule.when)
        self._all: Final = (1 << len(self.rules)) - 1
        self._possible: Final = [(name, self._mask(name)) for name in FIELDS if name in self.asked]
        self.decide: Final = lru_cache(REMEMBERED)(self._decide)
        """The verdict of the first rule that holds."""

    def _decide(self, said: Inputs) -> Verdict:
        known, left = facts(said), self._all
        for name, possible in self._possible:
            left &= possible(known[name])
        place = (left & -left).bit_length() - 1
        rule = self.rules[place]
        return Verdict(place, rule.channel, _platform(rule, said))

    def explain(self, said: Inputs) -> list[Tried]:
        """Every rule up to the one that decides, which is the last."""
        known = facts(said)
        masks = [(name, possible(known[name])) for name, possible in self._possible]
        tried: list[Tried] = []
        for place, rule in enumerate(self.rules[: self.decide(said).place + 1]):
            failed = tuple(name for name, mask in masks if not mask >> place & 1)
            tried.append(Tried(rule, failed))
        return tried

    def _mask(self, name: str) -> Callable[[Value], int]:
        asking = [
            (1 << place, _Patterns.of(rule.when[name], is_host=name in HOSTS))
            for place, rule in enumerate(self.rules)
            if name in rule.when
        ]
        others = self._all - sum(bit for bit, _ in asking)

        def possible(value: Value) -> int:
            return others + sum(bit for bit, patterns in asking if patterns.hold(value))

        return lru_cache(REMEMBERED)(possible)


def _platform(rule: Rule, said: Inputs) -> str:
    if rule.platform not in PLATFORM_REFERENCES:
        return rule.platform
    source, click, referring = sites(said)
    if rule.platform == CLICK:
        site = click
    elif rule.platform == REFERRER:
        site = referring
    else:
        site = source or click or (None if said.source else referring)
    return in_the_words_of(rule.channel, site.platform if site else "other")


def in_the_words_of(channel: str, platform: str) -> str:
    """The platform as its channel has it: partners have one, direct has none."""
    if channel in PARTNERS:
        return "affiliate"
    if channel == "direct":
        return "none"
    return "other" if platform == "none" else platform
