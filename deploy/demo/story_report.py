"""The story of one order as the demo tells it: explained before, what came in, explained after,
and what that did to each channel in one line."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal

from rich.console import Console

from deploy.demo.story import Story
from processors.commands import explain
from processors.commands.explanation import Explanation
from processors.engine.postgres import Database

Earned = tuple[Decimal, Decimal]


async def explained(console: Console, db: Database, story: Story) -> Sequence[Explanation]:
    """Show the order as it stands now."""
    found = await explain.explain(story.order_id, db=db, tenant=story.tenant)
    console.print(explain.render(found))
    return found


def told(console: Console, story: Story) -> None:
    """What came in since."""
    console.print(f"then {', '.join(what for what, _ in story.after)}:")


def differences(before: Sequence[Explanation], after: Sequence[Explanation]) -> Iterator[str]:
    """A line for each channel whose part of the order changed, and one for the whole."""
    old, new = _earned(before), _earned(after)
    for channel in sorted(old | new, key=lambda name: (-new[name][0], name)):
        if old[channel] != new[channel]:
            yield f"{channel}: {_change(old[channel], new[channel])}"
    whole = [sum((money for _, money in earned.values()), Decimal(0)) for earned in (old, new)]
    yield f"together: {whole[0]} -> {whole[1]}"


def _change(old: Earned, new: Earned) -> str:
    return f"credit {old[0]:.3f} -> {new[0]:.3f}, revenue {old[1]} -> {new[1]}"


def _earned(found: Sequence[Explanation]) -> defaultdict[str, Earned]:
    """Credit and revenue by channel, under the model and window that was asked for."""
    earned: defaultdict[str, Earned] = defaultdict(lambda: (Decimal(0), Decimal("0.00")))
    for one in found:
        for touch in one.touches:
            credit, revenue = earned[touch.channel]
            earned[touch.channel] = (
                credit + (touch.credit or Decimal(0)),
                revenue + (touch.revenue or Decimal(0)),
            )
    return earned
