"""A person's graph as a tree in a terminal: from the id that was asked for to all the others."""

from collections.abc import Iterable, Sequence
from typing import Final

from rich.console import Group as Lines
from rich.console import RenderableType
from rich.markup import escape
from rich.tree import Tree

from processors.commands import ids_text
from processors.commands.ids_text import short
from processors.commands.joints import Joint, chains_from
from processors.commands.person import Person

SHOWN: Final = 200
"""So many ids are drawn; the others are counted."""

CUT_SHOWN: Final = 50
_KINDS: Final = ("visitors", "customers", "emails", "phones", "external_ids", "devices")


def render(found: Sequence[Person]) -> RenderableType:
    """Each person."""
    return Lines(*(line for one in found for line in _person(one)))


def _person(one: Person) -> Iterable[RenderableType]:
    yield f"[bold]Person {short(one.person_id)}[/bold] of {one.tenant}: {_counts(one)}"
    if one.quarantine is not None:
        yield (
            f"  [yellow]shared by too many[/yellow]: seen with {one.quarantine['neighbours']} ids, "
            f"and the cap is {one.quarantine['cap']}; it would have joined "
            f"{one.quarantine['would_join']} of them, {one.quarantine['people']} people"
        )
    elif len(one.ids) == 1:
        yield "  it joins nobody"
    yield _tree(one)


def _counts(one: Person) -> str:
    kinds = ", ".join(
        f"{one.counts[kind]} {kind.replace('_', ' ')}" for kind in _KINDS if one.counts.get(kind)
    )
    return f"{kinds}; {one.counts['touches']} touches, {one.counts['conversions']} orders"


def _tree(one: Person) -> Tree:
    root = Tree(short(one.asked))
    branches = {one.asked: root}
    drawn = list(chains_from([one.asked], one.joints.joined).items())
    for node, chain in drawn[1:SHOWN]:
        joint = chain[-1]
        label = f"{short(node)}  {ids_text.because(joint)}"
        branches[node] = branches[joint.a].add(label)
    if len(drawn) > SHOWN:
        root.add(f"and {len(drawn) - SHOWN} more ids")
    shown = 0
    for joint in one.joints.cut:
        for seen in (joint, joint.flipped()):
            if seen.a in branches and shown < CUT_SHOWN:
                branches[seen.a].add(_cut(one, joint, seen))
                shown += 1
                break
    if one.joints.cut_total > shown:
        root.add(f"and {one.joints.cut_total - shown} more that are not joined")
    return root


def _cut(one: Person, joint: Joint, seen: Joint) -> str:
    text = f"[yellow]≠[/yellow] {short(seen.b)}  {ids_text.cut(joint)}  {ids_text.because(joint)}"
    unlink = one.unlinks.get((joint.a, joint.b))
    if joint.state == "unlinked" and unlink is not None:
        text += f"  on {unlink.at:%Y-%m-%d %H:%M} UTC"
        text += f": {escape(unlink.reason)}" if unlink.reason else ""
    return text
