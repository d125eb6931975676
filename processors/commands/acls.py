"""`topics --acls`: what each processor may do at the brokers, and nothing besides, as arguments of
`kafka-acls`, a rule a line.

It is read off the registry and the topic catalogue: reading goes with its own group, writing with
its own topics, and what is read may be told dead, so a dead letter may be written. Brokers give
Describe to whoever may Read or Write.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from processors.engine.flow import GROUPS
from processors.registry import PROCESSORS
from processors.schedule.letters import WEBHOOKS
from schemas.topics import TOPICS

Operation = Literal["Read", "Write", "Describe", "All"]

PRINCIPAL: Final = "User:{role}"
OPERATOR: Final = "operator"
EVERYTHING: Final = "*"


@dataclass(frozen=True, slots=True)
class Right:
    """One role may do one thing with some topics and groups (logical names)."""

    role: str
    operation: Operation
    topics: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


def rights() -> list[Right]:
    """Everything that the roles of a whole installation need, in the order of the flow."""
    return [*_gateway(), *(right for name in PROCESSORS for right in _processor(name)),
            *_schedule(), Right(OPERATOR, "All", (EVERYTHING,), (EVERYTHING,))]  # fmt: skip


def lines(*, prefix: str, principal: str = PRINCIPAL) -> list[str]:
    """The rights as arguments of `kafka-acls --bootstrap-server ... --command-config ...`.

    `principal` names a role's user by `{role}`; `prefix` is that of topics and groups.

    Raises:
        ValueError: when `principal` does not tell roles apart.
    """
    if "{role}" not in principal:
        raise ValueError("--principal must have {role} in it")
    return [_line(right, prefix=prefix, principal=principal) for right in rights()]


def _gateway() -> Iterator[Right]:
    own = tuple(name for name, row in TOPICS.items() if "gateway" in row.producers)
    yield Right("gateway", "Write", own)


def _processor(name: str) -> Iterator[Right]:
    spec = PROCESSORS[name]
    dead = tuple(TOPICS[topic].dead_letters for topic in spec.inputs)
    yield Right(name, "Read", spec.inputs, (name,))
    yield Right(name, "Write", (*spec.outputs, *dead))


def _schedule() -> Iterator[Right]:
    """It sends commands, puts dead letters back, and watches the lag of every group."""
    own = tuple(name for name, row in TOPICS.items() if "schedule" in row.producers)
    watched = {topic for group in GROUPS for topic in group.topics}
    yield Right("schedule", "Write", ("commands.v1", *own, *WEBHOOKS))
    yield Right("schedule", "Read", tuple(TOPICS[topic].dead_letters for topic in WEBHOOKS))
    yield Right(
        "schedule", "Describe", tuple(sorted(watched)), tuple(group.name for group in GROUPS)
    )


def _line(right: Right, *, prefix: str, principal: str) -> str:
    said = ["--add", f"--allow-principal {principal.format(role=right.role)}"]
    said.append(f"--operation {right.operation}")
    named = [("--topic", name) for name in right.topics]
    named += [("--group", name) for name in right.groups]
    if any(name == EVERYTHING for _, name in named) and prefix:
        said.append("--resource-pattern-type prefixed")
        named = [(kind, "" if name == EVERYTHING else name) for kind, name in named]
    said += [f"{kind} {_quoted(prefix, name)}" for kind, name in named]
    return " ".join(said)


def _quoted(prefix: str, name: str) -> str:
    """A star alone is the shell's, too."""
    return "'*'" if name == EVERYTHING else prefix + name
