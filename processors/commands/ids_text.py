"""Ids and what joins them, as a person reads them in a terminal."""

from typing import Final

from rich.markup import escape

from processors.commands.joints import Joint

_HASH_SHOWN: Final = 10


def short(node: str) -> str:
    """An id with a hash cut to what a person can compare."""
    kind, _, value = node.partition(":")
    shown = f"{value[:_HASH_SHOWN]}…" if kind in ("email", "phone") else value
    return escape(f"{kind}:{shown}")


def because(joint: Joint) -> str:
    """The record that showed the two ids together."""
    return f"[dim]{escape(joint.topic)} {escape(joint.event_id)}[/dim]"


def cut(joint: Joint) -> str:
    """Why two ids that were seen together are not joined."""
    if joint.quarantined is not None:
        return f"{short(joint.quarantined)} is shared by too many"
    return {"unlinked": "unlinked by an operator", "pending": "not computed yet"}[joint.state]
