"""`channel URL`: which rule decides where a visit belongs, and what was tried before it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import sql
from processors.commands.operator import Refused, database
from processors.domain.channel_document import rule_set
from processors.domain.channel_facts import facts, inputs
from processors.domain.channel_rules import RuleSet, Tried
from processors.domain.channels import resolve
from processors.domain.default_channels import DEFAULTS
from processors.domain.urls import MARKETING, host, marketing

QUERIES: Final = sql.load("operator")


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer: `said` is what the touch says, `facts` what the rules compare."""

    channel: str
    platform: str
    version: str
    own_rules: int
    said: Mapping[str, str]
    facts: Mapping[str, str | tuple[str, ...]]
    tried: tuple[Tried, ...]


async def rules_of(tenant: str) -> RuleSet:
    """The tenant's rules before the defaults, as they are in the database.

    Raises:
        Refused: for a tenant that is not there.
    """
    async with database() as db, db.connection() as conn:
        document = await conn.fetchval(QUERIES["channel_rules"], tenant)
    if document is None:
        raise Refused(f"there is no tenant {tenant}: tenant add {tenant}")
    return rule_set(document)


def decide(
    url: str, *, referrer: str | None, sent: Mapping[str, str], rules: RuleSet = DEFAULTS
) -> Decision:
    """What identity would make of a touch with this URL, this referrer and these fields sent.

    Raises:
        Refused: naming a field of `sent` that a touch does not have.
    """
    for name in sent:
        if name not in (*MARKETING, "channel", "platform"):
            raise Refused(f"{name} is no field of a touch; there are {', '.join(MARKETING)}")
    said = {**marketing(url), **{name: value for name, value in sent.items() if value}}
    touch: dict[str, str | None] = {**said, "url": url, "referrer": referrer}
    own_host = host(url) or None
    channel, platform = resolve(touch, own_host=own_host, rules=rules)
    asked = inputs(touch, own_host=own_host)
    return Decision(
        channel=channel,
        platform=platform,
        version=rules.version,
        own_rules=len(rules.rules) - len(DEFAULTS.rules),
        said=said,
        facts={name: value for name, value in facts(asked).items() if value},
        tried=tuple(rules.explain(asked)),
    )


def render(found: Decision) -> str:
    """Lines of text: the answer, what it was made of, and each rule up to the one that holds."""
    lines = [f"{found.channel} / {found.platform}   (rules {found.version})", "it says:"]
    lines += [f"  {name} = {_text(value)}" for name, value in sorted(found.said.items())]
    lines.append("rules compare:")
    lines += [f"  {name} = {_text(value)}" for name, value in sorted(found.facts.items())]
    lines.append("rules, in their order:")
    for place, tried in enumerate(found.tried, 1):
        whose = "own" if place <= found.own_rules else "default"
        why = f"no: {', '.join(tried.failed)}" if tried.failed else "YES, decides"
        lines.append(f"  {place:3} {whose:8} {tried.rule.name:40} {why}")
    if "channel" in found.said or "platform" in found.said:
        lines.append("a channel or platform that the server set wins over the rule's")
    return "\n".join(lines)


def as_json(found: Decision) -> dict[str, Any]:
    """The same for a program."""
    return {
        "channel": found.channel,
        "platform": found.platform,
        "rules_version": found.version,
        "said": dict(found.said),
        "facts": {n: list(v) if isinstance(v, tuple) else v for n, v in found.facts.items()},
        "decided_by": found.tried[-1].rule.name,
        "tried": [
            {
                "rule": tried.rule.name,
                "own": place < found.own_rules,
                "when": {name: list(patterns) for name, patterns in tried.rule.when.items()},
                "channel": tried.rule.channel,
                "platform": tried.rule.platform,
                "failed": list(tried.failed),
            }
            for place, tried in enumerate(found.tried)
        ],
    }


def _text(value: str | tuple[str, ...]) -> str:
    return value if isinstance(value, str) else ", ".join(value)
