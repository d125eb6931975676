"""A tenant's own channel rules, read from the document that was set and asked one by one."""

import hashlib
import json
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from tests.oracle.sites import Site
from tests.oracle.urls import CLICK_IDS, host
from tests.oracle.words import Json

Values = dict[str, list[str]]
"""What a touch says under each name that a rule may use; empty for nothing."""


def own_rules(document: str) -> list[Json]:
    """The rules of a document; of one that is none, none."""
    try:
        found = json.loads(document)
    except ValueError:
        return []
    return found if isinstance(found, list) else []


def version(document: str) -> str:
    """What the touches that the rules resolved are marked with."""
    if not own_rules(document):
        return "1"
    return f"1-{hashlib.sha256(document.encode()).hexdigest()[:12]}"


def values(
    fields: Mapping[str, str | None],
    *,
    words: tuple[str, str],
    url: str,
    referrer: str,
    sites: tuple[Site | None, Site | None, Site | None],
) -> Values:
    """`words` are medium and source; `sites` those of source, click id and referrer."""
    source, click, referring = (site.kind if site else "" for site in sites)
    said = {
        "medium": words[0],
        "source": words[1],
        "campaign": fields.get("utm_campaign"),
        "term": fields.get("utm_term"),
        "content": fields.get("utm_content"),
        "referrer": referrer,
        "ref": fields.get("ref"),
        "creator": fields.get("creator"),
        "sent_channel": fields.get("channel"),
        "source_kind": source,
        "click_kind": click,
        "kind": source or click,
        "referrer_kind": referring or ("unknown" if referrer else ""),
        "landing_host": host(url),
        "landing_path": (urlsplit(url).path or "/") if url else "",
    }
    lower = {name: [value.strip().lower()] if value else [] for name, value in said.items()}
    return {**lower, "click_id": [name for name in CLICK_IDS if fields.get(name)]}


def holds(rule: Json, said: Values) -> bool:
    """Whether every condition has a pattern that fits."""
    return all(
        _fits(patterns if isinstance(patterns, list) else [patterns], said[name], name)
        for name, patterns in rule["when"].items()
    )


def _fits(patterns: list[str], found: list[str], name: str) -> bool:
    if not found:
        return "" in patterns
    return any(_like(pattern.lower(), value, name) for pattern in patterns for value in found)


def _like(pattern: str, value: str, name: str) -> bool:
    if not pattern:
        return False
    text = ".*".join(re.escape(part) for part in pattern.split("*"))
    below = r"(.*\.)?" if name in ("referrer", "landing_host") and "*" not in pattern else ""
    return re.fullmatch(below + text, value, re.DOTALL) is not None
