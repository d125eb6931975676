"""Whose turn it is at a platform: tenants are looked at by name, a window at a time, so that a
round costs what it can start and not what all tenants together have waiting."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from processors.fanout.handle import Batch, Turn, Waiting


@dataclass(frozen=True, slots=True)
class Window:
    """Tenants in the order of their turns; `is_end` says that nobody comes after them."""

    names: Sequence[str]
    is_end: bool


@dataclass(slots=True)
class Rota:
    """Remembers after whom to look on."""

    after: str = ""
    _has_more: bool = field(init=False, default=False)

    def all_of(self, names: Iterable[str]) -> Window:
        """So few tenants that a window holds them all, beginning after the last."""
        ordered = sorted(names)
        later = [name for name in ordered if name > self.after]
        return Window(later + ordered[: len(ordered) - len(later)], is_end=True)

    def passed(
        self,
        window: Window,
        turns: Sequence[Turn],
        chosen: Sequence[Batch],
        *,
        read: Sequence[Waiting],
        good: Sequence[Waiting],
        per_tenant: int,
        most: int,
    ) -> bool:
        """Note what came of a window: `read` are its rows, at most `per_tenant` of each and `most`
        in all, of which `good` may be sent.

        Returns:
            Whether to look on at once: there are tenants that nobody looked at, or some with
            requests left and more than was read.
        """
        names = list(window.names)
        if len(read) >= most:
            names = names[: names.index(read[-1].delivery.tenant_id) + 1]
        left_out = _first_left_out(names, good, chosen)
        if left_out is None and window.is_end and len(names) == len(window.names):
            self.after = names[-1] if names and names[0] > names[-1] else ""
            has_more = self._has_more or _has_more(turns, chosen, read, per_tenant)
            self._has_more = False
            return has_more
        self._has_more |= _has_more(turns, chosen, read, per_tenant)
        seen = names if left_out is None else names[: names.index(left_out)]
        self.after = seen[-1] if seen else self.after
        return True


def _first_left_out(
    names: Sequence[str], good: Sequence[Waiting], chosen: Sequence[Batch]
) -> str | None:
    """The first tenant with something to send that got no request."""
    served = {batch.tenant_id for batch in chosen}
    having = {row.delivery.tenant_id for row in good} - served
    return next((name for name in names if name in having), None)


def _has_more(
    turns: Sequence[Turn], chosen: Sequence[Batch], read: Sequence[Waiting], per_tenant: int
) -> bool:
    requests = Counter(batch.tenant_id for batch in chosen)
    rows = Counter(row.delivery.tenant_id for row in read)
    return any(
        rows[turn.tenant_id] >= per_tenant and requests[turn.tenant_id] < turn.requests
        for turn in turns
    )
