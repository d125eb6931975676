"""What the platforms were told during the demo, a line each: from our ledger, and what their
simulators counted."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

import httpx

from processors.engine.postgres import Database
from processors.platforms.registry import CONNECTORS

_TIMEOUT_SECONDS: Final = 30.0
_REASONS_SHOWN: Final = 2
_ENDED: Final = ("sent", "filtered", "rejected", "expired", "unknown")
_DELIVERIES: Final = """
SELECT platform, state, kind, CASE state WHEN 'rejected' THEN error END AS reason,
    state = 'rejected' AND attempts > 0 AND event_name = 'Purchase' AS lost, count(*) AS n
FROM deliveries
GROUP BY 1, 2, 3, 4, 5
"""


@dataclass(slots=True)
class Tally:
    """One platform: our deliveries by state, why some were rejected, and what it counted. `taken`
    are events that it accepted, less those that it knew again (`again`); `events` and `back` are
    what we hold for sent, sales that were taken back apart, of which some platforms keep no
    event; `unmet` are those that a platform which tells took for none of its events. `lost` are
    purchases that the platform refused though our connector had not."""

    platform: str
    states: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    events: int = 0
    back: int = 0
    lost: int = 0
    taken: int | None = None
    again: int = 0
    unmet: int = 0
    wrong: str | None = None

    @property
    def waiting(self) -> int:
        """What may still be sent."""
        return self.states.total() - sum(self.states[state] for state in _ENDED)


async def tallies(db: Database, environment: Mapping[str, str]) -> list[Tally]:
    """Every platform of the registry, in its order; simulators are asked where there are any."""
    found = {platform: Tally(platform) for platform in CONNECTORS}
    async with db.connection() as conn:
        rows = await conn.fetch(_DELIVERIES)
    for row in rows:
        tally = found[row["platform"]]
        tally.states[row["state"]] += row["n"]
        tally.lost += row["n"] if row["lost"] else 0
        if row["state"] == "rejected":
            tally.reasons[row["reason"] or "no reason"] += row["n"]
        elif row["state"] == "sent" and row["kind"] == "event":
            tally.events += row["n"]
        elif row["state"] == "sent":
            tally.back += row["n"]
    async with httpx.AsyncClient(timeout=_TIMEOUT_SECONDS, trust_env=False) as client:
        for tally in found.values():
            url = environment.get(f"ATTRIBUTARY_{tally.platform.upper()}_BASE_URL")
            if url is not None:
                await _ask(client, url, tally)
    return list(found.values())


async def _ask(client: httpx.AsyncClient, url: str, tally: Tally) -> None:
    """What the simulator counted; events for which it finds nobody are taken, too."""
    try:
        answer = await client.get(f"{url}/_sim/stats")
        answer.raise_for_status()
    except httpx.HTTPError as error:
        tally.wrong = f"its simulator does not answer ({type(error).__name__})"
        return
    said = answer.json()
    tally.taken = said["counted"] + sum(said.get("unmatched", {}).values())
    tally.again = said["duplicates"]
    tally.unmet = sum(not each["met"] for each in said.get("adjustments", ()))


def line(tally: Tally) -> str:
    """The platform in one line."""
    states = tally.states
    rare = "".join(f", {n:,} {name}" for name in _ENDED[3:] if (n := states[name]))
    most = tally.reasons.most_common(_REASONS_SHOWN)
    shown = [f"{n:,} {reason}" for reason, n in most]
    others = states["rejected"] - sum(n for _, n in most)
    why = f" ({'; '.join([*shown, *([f'{others:,} others'] if others else [])])})" if shown else ""
    again = f", {tally.again:,} known again" if tally.again else ""
    counted = "" if tally.taken is None else f"; counted {tally.taken:,}{again}"
    back = f" ({tally.back:,} of them take back)" if tally.back else ""
    return (
        f"  {tally.platform:<13} {states['sent']:>6,} sent{back}, {states['filtered']:,} filtered, "
        f"{tally.waiting:,} waiting{rare}{counted}; {states['rejected']:,} rejected{why}"
    )


def faults(found: Iterable[Tally]) -> Iterable[str]:
    """Where a platform has refused a purchase, or counted less than was sent, or more."""
    for tally in found:
        if tally.lost:
            yield f"{tally.platform} refused {tally.lost:,} purchases that its connector let pass"
        if tally.unmet:
            yield f"{tally.platform} met no sale of its own with {tally.unmet:,} that take back"
        if tally.wrong is not None:
            yield f"{tally.platform}: {tally.wrong}"
        elif tally.taken is not None and not (
            tally.events <= tally.taken <= tally.events + tally.back + tally.states["unknown"]
        ):
            sent = tally.events + tally.back
            yield f"{tally.platform} counted {tally.taken:,} events, and {sent:,} were sent"
