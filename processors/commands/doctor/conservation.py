"""Whether everything received is accounted for, as the ledger has it."""

from datetime import UTC, datetime, timedelta
from typing import Final

import sql
from processors.commands.doctor.finding import Finding, Patient

QUERIES: Final = sql.load("doctor")
PART: Final = "conservation"
JOB: Final = "attributary job maintenance/conservation"
STALE: Final = timedelta(minutes=30)
_SHOWN: Final = 5


async def look(patient: Patient) -> list[Finding]:
    """The lines that are wrong, newest day first, and how old the ledger is."""
    assert patient.db is not None
    async with patient.db.connection() as conn:
        wrong = await conn.fetch(QUERIES["wrong_lines"], _SHOWN)
        checked = await conn.fetchval(QUERIES["ledger_checked"])
    found = []
    for row in wrong:
        place = f"{row['consumer_group']} {row['topic']}: tenant {row['tenant_id']} on {row['day']}"
        text = f"{place}: {row['gap']:,} records lost, {row['surplus']:,} counted too often"
        found.append(Finding("critical", PART, text, "attributary conserve --by-tenant"))
    if checked is None:
        found.append(Finding("note", PART, "the ledger was never counted", JOB))
    elif datetime.fromtimestamp(patient.now / 1_000, UTC) - checked > STALE:
        found.append(Finding("warning", PART, "the ledger is old", JOB, checked))
    elif not wrong:
        found.append(Finding("ok", PART, "everything received is accounted for"))
    return found
