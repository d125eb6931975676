"""`dead_letters.<topic>`: a record that could not be applied, whole, with the reason."""

from pydantic import Field

from schemas.envelope import Frozen, Millis


class DeadLetter(Frozen):
    """Where the record was, who refused it, why, and its bytes (base64), so that `replay` can
    put exactly that back. (topic, partition, offset, group) identifies it."""

    group: str
    topic: str
    partition: int
    offset: int
    timestamp: Millis
    reason: str
    detail: str = ""
    key: str | None = Field(None, description="base64")
    value: str | None = Field(None, description="base64")
