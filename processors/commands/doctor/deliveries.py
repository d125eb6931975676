"""Deliveries: circuits, what waits and expires with how much money, and what is in doubt."""

from typing import Final

import sql
from processors.commands.doctor.finding import Finding, Patient
from processors.engine.postgres import Row

QUERIES: Final = sql.load("doctor")
PART: Final = "deliveries"


async def look(patient: Patient) -> list[Finding]:
    """All platforms."""
    assert patient.db is not None
    async with patient.db.connection() as conn:
        found = [_circuit(row) for row in await conn.fetch(QUERIES["open_circuits"])]
        found += [_connection(row) for row in await conn.fetch(QUERIES["sick_connections"])]
        waiting = await conn.fetch(QUERIES["waiting_deliveries"])
        found += [finding for row in waiting for finding in _waiting(row)]
        found += [_at_risk(row) for row in await conn.fetch(QUERIES["money_at_risk"])]
        found += [_dead(row) for row in await conn.fetch(QUERIES["dead_deliveries"])]
    return found or [Finding("ok", PART, "nothing waits, and no circuit is open")]


def _circuit(row: Row) -> Finding:
    text = (
        f"the circuit of {row['tenant_id']} at {row['platform']} is open until "
        f"{row['open_until']:%H:%M:%S} UTC, after {row['trips']} openings in a row"
    )
    do = "see what it says (view delivery_log); it lets a probe pass by itself"
    return Finding("warning", PART, text, do)


def _connection(row: Row) -> Finding:
    severe = row["state"] in ("needs_reauth", "revoked")
    text = f"{row['tenant_id']} at {row['platform']} is {row['state']}: {row['reason']}"
    do = f"attributary connect {row['platform']} --tenant {row['tenant_id']}" if severe else ""
    return Finding("critical" if severe else "warning", PART, text, do, row["since"])


def _waiting(row: Row) -> list[Finding]:
    found = []
    told = f"{row['queued']:,} queued and {row['parked']:,} parked for {row['platform']}"
    if row["overdue"]:
        text = f"{told}, {row['overdue']:,} of them overdue for five minutes"
        found.append(Finding("critical", PART, text, "attributary restart fanout", row["oldest"]))
    elif row["parked"]:
        found.append(Finding("note", PART, f"{told}: tried again by themselves"))
    if row["stuck"]:
        text = f"{row['stuck']:,} deliveries to {row['platform']} are being sent for minutes"
        found.append(Finding("warning", PART, text, "attributary restart fanout"))
    return found


def _at_risk(row: Row) -> Finding:
    money = f"{row['value']:,.2f} {row['currency']}" if row["currency"] else "no value"
    text = f"{row['deliveries']:,} deliveries to {row['platform']} expire within the hour ({money})"
    do = "mend the platform's circuit or connection before that"
    return Finding("critical", PART, text, do)


def _dead(row: Row) -> Finding:
    platform, reason = row["platform"], row["reason"]
    text = f"{row['n']:,} deliveries to {platform} ended {reason}"
    if row["value"]:
        text += f", worth {row['value']:,.2f} {row['currency']}"
    do = f"attributary replay deliveries --platform {platform} --reason {reason} --dry-run"
    return Finding("warning", PART, text, do, row["oldest"])
