"""Dead letters that nobody has put back."""

from typing import Final

import sql
from processors.commands.doctor.finding import Finding, Patient
from schemas.topics import DEAD_LETTERS, TOPICS

QUERIES: Final = sql.load("doctor")
PART: Final = "letters"


async def look(patient: Patient) -> list[Finding]:
    """By topic; offsets only, so a letter that a repeated batch sent twice counts twice."""
    assert patient.db is not None
    assert patient.cluster is not None
    begins = await patient.cluster.begin_offsets(DEAD_LETTERS)
    ends = await patient.cluster.end_offsets(DEAD_LETTERS)
    async with patient.db.connection() as conn:
        rows = await conn.fetch(QUERIES["replayed_letters"])
    replayed = {row["topic"]: row["n"] for row in rows}
    found = []
    for topic, row in TOPICS.items():
        if row.dead_letters not in DEAD_LETTERS:
            continue
        kept = sum(
            end - begins[place] for place, end in ends.items() if place[0] == row.dead_letters
        )
        if (waiting := kept - replayed.get(topic, 0)) > 0:
            text = f"{waiting:,} dead letters of {topic} wait"
            do = f"attributary dlq; when mended: attributary replay letters {topic} --dry-run"
            found.append(Finding("warning", PART, text, do))
    return found or [Finding("ok", PART, "no dead letter waits")]
