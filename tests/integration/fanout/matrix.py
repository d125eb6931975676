"""The fault matrix: every platform, every fault, with a SIGKILL at one point for all of them.

A fault is a tenant's, so that every cell has an account, a rate limit and a circuit of its own, and
all cells run at once. An answer is spoilt for each request of a life of the process.
"""

import base64
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, get_args

from processors.engine.clock import wall_clock
from processors.platforms.base import ACCOUNT_ID
from processors.platforms.registry import CONNECTORS
from schemas.delivery import Delivery, Platform
from tests.integration.fanout import holding
from tests.integration.fanout.field import Field, Simulator, until
from tests.integration.fanout.vendors import SEAL_KEY, VENDORS, Step

Fault = Literal[
    "required", "throttled", "partial", "expired", "revoked", "slow",
    "cut_before", "cut_after", "storm", "page_200", "page_502",
]  # fmt: skip
FAULTS: Final[tuple[Fault, ...]] = get_args(Fault)
PAGE: Final = "<html><body>Sign in to this network</body></html>"
TIMEOUT_SECONDS: Final = 3.0
SILENT: Final = frozenset({"slow", "cut_before", "cut_after", "partial", "page_200"})
"""After these a delivery may be in doubt without any kill."""
ORDER: Final = ("sent", "rejected", "unknown", "expired", "filtered")
LATE: Final = "TimeoutError"
"""A busy machine may be slow by itself."""
_STEPS: Final[dict[str, Step]] = {
    "slow": {"delay_ms": 6_000},
    "cut_before": {"drop": "before"},
    "cut_after": {"drop": "after"},
    "storm": {"status": 503, "body": {"error": "unavailable"}},
    "page_200": {"status": 200, "body": PAGE},
    "page_502": {"status": 502, "body": PAGE},
}


@dataclass(slots=True)
class Cell:
    """One fault at one platform. `wrong` says what no delivery may become."""

    platform: Platform
    fault: Fault
    deliveries: list[Delivery]
    refused: frozenset[str]
    heals: bool = False
    ends: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    @property
    def tenant(self) -> str:
        """Whose trouble it is."""
        return tenant_of(self.fault)


def tenant_of(fault: Fault) -> str:
    """Its name; with letters alone, as a click id has no place for others."""
    return fault.replace("_", "")


def makes_sense(platform: Platform, fault: Fault) -> bool:
    """Whether the platform has such a trouble at all."""
    vendor = VENDORS[platform]
    match fault:
        case "partial":
            return vendor.tells_refusals
        case "expired" | "revoked":
            return getattr(vendor, fault) is not None
    return True


async def run(field_: Field, folder: Path, point: holding.Point | None) -> list[Cell]:
    """Every cell to its end, with a kill at the point, or none."""
    others: list[Platform] = [p for p in CONNECTORS if p not in ("meta", "ga4")]
    simulators = {
        "meta": field_.meta, "ga4": field_.ga4, **await field_.add_together(*others),
    }  # fmt: skip
    cells = [
        await _prepare(
            field_, simulators[platform], platform, fault, lives=1 if point is None else 2
        )
        for fault in FAULTS
        for platform in CONNECTORS
        if makes_sense(platform, fault)
    ]
    deliveries = [one for cell in cells for one in cell.deliveries]
    await field_.put(deliveries)
    environment = _environment(simulators)
    if point is not None:
        await _kill_at(point, field_, folder, cells, environment)
    field_.worker(**environment)
    await _heal(field_, [cell for cell in cells if cell.heals])
    await _settled(field_, len(deliveries))
    await _judge(field_, simulators, cells, killed=point is not None)
    return cells


def _environment(simulators: dict[Any, Simulator]) -> dict[str, str]:
    said = {
        "ATTRIBUTARY_SEAL_KEY": base64.b64encode(SEAL_KEY).decode(),
        "ATTRIBUTARY_ENGINE_DATABASE_POOL_MAX_CONNECTIONS": "24",
        "ATTRIBUTARY_FANOUT_PARK_MAX_SECONDS": "4",
    }
    for platform, simulator in simulators.items():
        said[f"ATTRIBUTARY_{platform.upper()}_TIMEOUT_SECONDS"] = str(TIMEOUT_SECONDS)
        said[f"ATTRIBUTARY_{platform.upper()}_TOKEN_URL"] = f"{simulator.url}/oauth/token"
    return said


async def _prepare(
    field_: Field, simulator: Simulator, platform: Platform, fault: Fault, *, lives: int
) -> Cell:
    vendor, tenant = VENDORS[platform], tenant_of(fault)
    token = f"token-{tenant}"
    account = {ACCOUNT_ID: vendor.account_id(tenant)} if platform != "ga4" else {}
    await field_.connect(tenant, platform, token=token, **vendor.said, **account)
    good = [vendor.delivery(platform, tenant, n) for n in range(len(vendor.names))]
    cell = Cell(platform, fault, good, frozenset())
    trouble: Any = _STEPS.get(fault)
    match fault:
        case "required":
            bad = vendor.delivery(platform, tenant, 0, good=False)
            cell.deliveries, cell.refused = [*good, bad], frozenset({bad.event_id})
        case "throttled":
            trouble = vendor.throttled
        case "partial":
            cell.refused = frozenset({good[1].event_id})
            await simulator.script(refuse_ids=[vendor.refused_id(good[1].event_id)])
        case "expired" | "revoked":
            trouble = getattr(vendor, fault)
    if isinstance(trouble, dict):
        script = vendor.scripted(tenant, token)
        requests = len(set(vendor.names)) * lives + (2 if fault == "storm" else 0)
        await simulator.script({"account": script, "count": requests, **trouble})
    elif trouble == "accounts":
        await simulator.post("/_sim/accounts", {vendor.account_id(tenant): f"{token}-new"})
    elif trouble is not None:
        await simulator.post("/_sim/rows", {trouble: [token]})
    cell.heals = isinstance(trouble, str)
    return cell


async def _kill_at(
    point: holding.Point,
    field_: Field,
    folder: Path,
    cells: list[Cell],
    environment: dict[str, str],
) -> None:
    """Fill the queue, let everything come to the point, and end the process there."""
    held = folder / "held"
    told = {holding.NAME: point, holding.FOLDER: str(folder)}
    worker = field_.worker(**environment, **told)
    await _queued(field_, sum(len(cell.deliveries) for cell in cells))
    (folder / "go").touch()
    # A cell without a token never gets as far as a request.
    wanted = {
        f"{cell.platform} {cell.tenant}"
        for cell in cells
        if not (point == "after_send" and cell.fault == "revoked")
    }

    async def all_there() -> bool:
        return held.exists() and wanted <= set(held.read_text().splitlines())

    try:
        await until("every cell at the point", all_there, seconds=30)
    except AssertionError as late:
        there = set(held.read_text().splitlines()) if held.exists() else set()
        raise AssertionError(
            f"{late}: not {sorted(wanted - there)}\n{field_.logs()[-3000:]}"
        ) from None
    field_.kill(worker)


async def _queued(field_: Field, count: int) -> None:
    """Events of different platforms may have one id."""

    async def done() -> bool:
        return bool((await field_.fetch("SELECT count(*) AS n FROM deliveries"))[0]["n"] == count)

    await until("a full queue", done)


async def _heal(field_: Field, cells: Iterable[Cell]) -> None:
    """Other credentials, once the old ones were refused or nothing waits for any."""
    waiting = {(cell.platform, cell.tenant) for cell in cells}

    async def refused() -> bool:
        rows = await field_.fetch(
            "SELECT platform, tenant_id FROM deliveries GROUP BY platform, tenant_id"
            " HAVING bool_and(state IN ('parked', 'unknown') AND finished_at IS NOT NULL"
            " OR error LIKE 'HTTP %' OR error LIKE 'token%')"
        )
        return waiting <= {(row["platform"], row["tenant_id"]) for row in rows}

    try:
        await until("the old credentials are refused", refused)
    except AssertionError as late:
        left = "\n".join(
            str(row)
            for row in await field_.fetch(
                "SELECT platform, tenant_id, event_id, state, attempts, error, next_attempt_at,"
                " leased_until, finished_at FROM deliveries"
            )
            if (row["platform"], row["tenant_id"]) in waiting
        )
        raise AssertionError(f"{late}\n{left}") from None
    for platform, tenant in sorted(waiting):
        vendor = VENDORS[platform]
        await field_.connect(
            tenant,
            platform,
            token=f"token-{tenant}-new",
            account_id=vendor.account_id(tenant),
            **vendor.said,
        )


async def _settled(field_: Field, count: int) -> None:
    waiting = "SELECT platform, tenant_id, event_id, state, attempts, error FROM deliveries"
    over = f"{waiting} WHERE finished_at IS NULL"

    async def done() -> bool:
        rows = await field_.fetch("SELECT count(*) AS n FROM deliveries")
        return rows[0]["n"] == count and not await field_.fetch(over)

    try:
        await until("an end of every delivery", done, seconds=90)
    except AssertionError as late:
        left = "\n".join(map(str, await field_.fetch(over)))
        raise AssertionError(f"{late}\n{left}") from None


async def _judge(
    field_: Field, simulators: dict[Any, Simulator], cells: list[Cell], *, killed: bool
) -> None:
    rows = await field_.fetch("SELECT platform, event_id, state, error FROM deliveries")
    states = {(row["platform"], row["event_id"]): row for row in rows}
    rows = await field_.fetch("SELECT platform, event_id, reason FROM delivery_dlq")
    dead = {(row["platform"], row["event_id"]): row["reason"] for row in rows}
    for platform, simulator in simulators.items():
        vendor = VENDORS[platform]
        connector = CONNECTORS[platform].load(wall_clock)
        counted = {vendor.accepted_id(k): n for k, n in (await simulator.accepted()).items()}
        for cell in (one for one in cells if one.platform == platform):
            for delivery in cell.deliveries:
                row = states[platform, delivery.event_id]
                cell.ends[row["state"]] += 1
                why = _wrong(
                    row["state"],
                    counted.get(delivery.event_id, 0),
                    dead.get((platform, delivery.event_id)),
                    refused=delivery.event_id in cell.refused,
                    doubted=killed or cell.fault in SILENT or row["error"] == LATE,
                    window=connector.dedupe_window_ms(delivery),
                )
                if why:
                    cell.wrong.append(f"{delivery.event_id}: {why} ({row['error']})")
        await connector.close()


def _wrong(
    state: str, counted: int, dead: str | None, *, refused: bool, doubted: bool, window: int | None
) -> str | None:
    """What is wrong with an end; None when it is right."""
    if counted > 1:
        return f"counted {counted} times"
    if dead != (state if state in ("rejected", "unknown") else None):
        return f"{state}, but dead as {dead}"
    match state:
        case "sent":
            return None if counted == 1 and not refused else f"sent, counted {counted} times"
        case "rejected":
            return None if refused and not counted else f"rejected, counted {counted} times"
        case "unknown":
            return None if doubted and window is None else "unknown within the vendor's window"
    return state


def table(cells: Iterable[Cell]) -> list[dict[str, str]]:
    """A row a platform, a column a fault: how many were accepted once, refused, left in doubt."""
    ends: dict[tuple[str, str], Counter[str]] = {}
    for cell in cells:
        ends.setdefault((cell.platform, cell.fault), Counter()).update(cell.ends)
    return [
        {"platform": platform, **{f: _brief(ends.get((platform, f))) for f in FAULTS}}
        for platform in CONNECTORS
    ]


def _brief(ends: Counter[str] | None) -> str:
    if ends is None:
        return "-"
    return ", ".join(f"{ends[state]} {state}" for state in ORDER if ends[state])
