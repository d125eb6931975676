"""A tenant's own channel rules: the JSON document of the setting `channel_rules`.

    [{"name": "podcasts", "when": {"source": "acast", "medium": ["audio", "podcast*"]},
      "channel": "podcast", "platform": "acast"}]

`platform` may be left out: it is then the source's, the click id's or the referrer's.
"""

import hashlib
import json
import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import chain
from typing import Final

from processors.domain.channel_facts import FIELDS
from processors.domain.channel_rules import FOUND, PLATFORM_REFERENCES, WILD, Rule, RuleSet
from processors.domain.default_channels import DEFAULT_RULES, DEFAULT_VERSION, DEFAULTS

MOST_BYTES: Final = 32_768
MOST_RULES: Final = 200
MOST_CHARACTERS: Final = 256
MOST_WILD: Final = 500
"""Patterns with a wildcard: below a millisecond for a word that is seen the first time, so that no
tenant's rules hold the others up."""

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_. -]{0,62}")
_KEYS: Final = frozenset({"name", "when", "channel", "platform"})


@lru_cache(maxsize=128)
def rule_set(document: str) -> RuleSet:
    """The document's rules before the defaults; the defaults alone when it is no such document,
    as with any setting that cannot be used."""
    try:
        own = parse(document)
    except ValueError:
        return DEFAULTS
    if not own:
        return DEFAULTS
    digest = hashlib.sha256(document.encode()).hexdigest()[:12]
    return RuleSet((*own, *DEFAULT_RULES), f"{DEFAULT_VERSION}-{digest}")


def parse(document: str) -> tuple[Rule, ...]:
    """The rules, in their order; none for an empty text.

    Raises:
        ValueError: naming the rule and the field that cannot be used.
    """
    if not document.strip():
        return ()
    if len(document.encode()) > MOST_BYTES:
        raise ValueError(f"longer than {MOST_BYTES} bytes")
    try:
        found = json.loads(document)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"no JSON: {error}") from None
    if not isinstance(found, list):
        raise ValueError("must be a list of rules")
    if len(found) > MOST_RULES:
        raise ValueError(f"more than {MOST_RULES} rules")
    rules = tuple(_rule(place, one) for place, one in enumerate(found, 1))
    wild = 0
    for place, rule in enumerate(rules, 1):
        patterns = chain.from_iterable(rule.when.values())
        wild += sum(not WILD.isdisjoint(pattern) for pattern in patterns)
        if wild > MOST_WILD:
            raise ValueError(f"rule {place}, when: more than {MOST_WILD} patterns with a wildcard")
    return rules


def _rule(place: int, found: object) -> Rule:
    where = f"rule {place}"
    if not isinstance(found, dict):
        raise ValueError(f"{where} must be an object with when and channel")
    name = found.get("name", where)
    if not isinstance(name, str) or not 0 < len(name) <= MOST_CHARACTERS:
        raise ValueError(f"{where}, name: must be a text of {MOST_CHARACTERS} characters at most")
    where = where if name == where else f"{where} ({name})"
    if unknown := sorted(found.keys() - _KEYS):
        raise ValueError(f"{where}, {unknown[0]}: no such field; there are {_listed(_KEYS)}")
    when = found.get("when")
    if not isinstance(when, dict) or not when:
        raise ValueError(f"{where}, when: must be an object with at least one condition")
    platform = found.get("platform", FOUND)
    if platform not in PLATFORM_REFERENCES:
        platform = _destination(where, "platform", platform)
    return Rule(
        name=name,
        when={field: _patterns(f"{where}, when.{field}", field, of) for field, of in when.items()},
        channel=_destination(where, "channel", found.get("channel")),
        platform=platform,
    )


def _destination(where: str, field: str, found: object) -> str:
    if not isinstance(found, str) or not _NAME.fullmatch(found):
        raise ValueError(
            f"{where}, {field}: must be lower-case letters, digits, spaces and _.-, 63 at most"
        )
    if found == "unattributed":
        raise ValueError(f"{where}, {field}: unattributed is what no touch earned")
    return found


def _patterns(where: str, field: str, found: object) -> tuple[str, ...]:
    if field not in FIELDS:
        raise ValueError(f"{where}: no such condition; there are {_listed(FIELDS)}")
    patterns = found if isinstance(found, list) else [found]
    if not patterns:
        raise ValueError(f"{where}: an empty list holds for nothing")
    texts = [pattern.strip() for pattern in patterns if isinstance(pattern, str)]
    if len(texts) < len(patterns) or max(map(len, texts)) > MOST_CHARACTERS:
        most = f"of {MOST_CHARACTERS} characters at most"
        raise ValueError(f"{where}: must be a text, or a list of texts, {most}")
    return tuple(texts)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
