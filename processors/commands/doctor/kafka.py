"""The brokers: topics as the catalogue has them, and replicas that keep up."""

from typing import Final

from processors.commands.doctor.finding import Finding, Patient, Severity
from schemas.topics import DEAD_LETTERS, SOURCES, TOPICS, Topic

PART: Final = "kafka"
CATALOGUE: Final = {**TOPICS, **DEAD_LETTERS}


async def look(patient: Patient) -> list[Finding]:
    """All topics at once."""
    cluster = patient.cluster
    assert cluster is not None
    found = [Finding("ok", PART, "Kafka answers")]
    there = await cluster.described(CATALOGUE)
    if missing := sorted(CATALOGUE.keys() - there.keys()):
        text = f"topics are missing ({', '.join(missing)})"
        return [*found, Finding("critical", PART, text, "attributary topics")]
    found.append(Finding("ok", PART, "every topic is there"))
    leaderless = sorted(name for name, topic in there.items() if topic.leaderless)
    if leaderless:
        text = f"partitions without a leader: {', '.join(leaderless)}"
        found.append(Finding("critical", PART, text, "start the brokers that are down"))
    behind = sorted(name for name, topic in there.items() if topic.behind)
    if behind:
        text = f"replicas do not keep up: {', '.join(behind)}"
        do = "start the brokers that are down, or give them disk"
        found.append(Finding("warning", PART, text, do))
    for name, row in CATALOGUE.items():
        found += _partitions(row, there[name].partitions)
    held = await cluster.configured(CATALOGUE)
    for name, row in CATALOGUE.items():
        found += _configuration(row, held.get(name, {}))
    return found


def _partitions(row: Topic, partitions: int) -> list[Finding]:
    if partitions >= row.partitions:
        return []
    text = f"{row.name} has {partitions} partitions, the catalogue {row.partitions}"
    if row.name in SOURCES:
        return [Finding("note", PART, f"{text}: that bounds the replicas that can work on it")]
    return [Finding("note", PART, text)]


def _configuration(row: Topic, held: dict[str, str]) -> list[Finding]:
    """A log that is cut cannot be read again; one that keeps longer only costs disk."""
    found = []
    kept = int(held.get("retention.ms", row.retention_ms))
    if kept >= 0 and (row.retention_ms < 0 or kept < row.retention_ms):
        wanted = "for good" if row.retention_ms < 0 else f"{row.retention_ms} ms"
        text = f"{row.name} is kept for {kept} ms, the catalogue says {wanted}"
        is_needed = row.name in SOURCES or row.cleanup == "compact"
        text += ": without it nothing can be rebuilt" if is_needed else ""
        do = f"kafka-configs --alter --topic {row.name} --add-config"
        severity: Severity = "critical" if is_needed else "warning"
        found.append(Finding(severity, PART, text, f"{do} retention.ms={row.retention_ms}"))
    cleanup = held.get("cleanup.policy", row.cleanup)
    if cleanup != row.cleanup:
        text = f"{row.name} has cleanup.policy {cleanup}, the catalogue {row.cleanup}"
        do = f"kafka-configs --alter --topic {row.name} --add-config cleanup.policy={row.cleanup}"
        found.append(Finding("critical", PART, text, do))
    return found
