"""What an upload comes to: counts, the first errors, and the command that puts it on the log."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

from processors.domain.ids import content_id
from processors.gateway.door import Accepted, Door
from processors.gateway.records import accepted
from processors.gateway.uploads.options import Options

SHOWN: Final = 100


@dataclass(slots=True)
class Report:
    """Counts so far."""

    options: Options
    created_at: int
    total: int = 0
    failed: int = 0
    spooled: int = 0
    errors: list[dict[str, Any]] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)
    warnings: list[str] = field(default_factory=list)
    dry_run: bool = False
    broken: str = ""
    """Why the file could not be read to its end; empty when it was."""

    @property
    def taken(self) -> int:
        """Rows that are on the log."""
        return self.total - self.failed

    @property
    def status(self) -> str:
        """How it ended."""
        return "failed" if self.broken or not self.taken else "completed"

    def refuse(self, *, line: int, row: int, name: str, error: str) -> None:
        """A row that cannot be taken."""
        self.failed += 1
        reason = f"{name}: {error}" if name else error
        if reason in self.reasons or len(self.reasons) < SHOWN:
            self.reasons[reason] += 1
        if len(self.errors) < SHOWN:
            self.errors.append({"line": line, "row": row, "field": name, "error": error})

    def command(self, door: Door, *, status: str, now: int) -> Accepted:
        """The record of commands.v1 that tells of the batch."""
        done = status != "processing"
        body = {
            "kind": "offline_batch",
            "batch_id": self.options.batch_id,
            "batch_name": self.options.batch_name,
            "platform": self.options.platform,
            "upload_type": self.options.upload_type,
            "status": status,
            "total_records": self.total if done else 0,
            "failed_records": self.failed if done else 0,
            "created_at": self.created_at,
            "completed_at": now if done else None,
        }
        record = {
            "tenant_id": door.tenant,
            "command_id": content_id({"tenant": door.tenant, "at": now, **body}),
            "issued_at": now,
            "received_at": now,
            "body": {name: value for name, value in body.items() if value is not None},
        }
        stamped = Door(door.tenant, True, now, door.sealer)
        return accepted("commands.v1", record, stamped)

    def shown(self, receipt: Accepted) -> dict[str, Any]:
        """As the answer has it."""
        rehearsed = {"dry_run": True} if self.dry_run else {}
        return {
            **rehearsed,
            "batch_id": self.options.batch_id,
            "batch_name": self.options.batch_name,
            "platform": self.options.platform,
            "upload_type": self.options.upload_type,
            "status": self.status,
            "detail": self.broken,
            "total_records": self.total,
            "accepted": self.taken,
            "failed_records": self.failed,
            "errors": self.errors,
            "reasons": dict(self.reasons.most_common()),
            "warnings": self.warnings,
            "receipt": {
                "topic": receipt.raw.topic,
                "partition": receipt.partition,
                "offset": receipt.offset,
            },
        }
