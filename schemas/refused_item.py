"""`dead_letters.gateway.v1`: what the door refused, and told its sender, so that an operator can
look for it and put it back after a fix. Bounded in rate, size and time: junk cannot fill it."""

from typing import Literal

from pydantic import Field

from schemas.envelope import Millis, Record

RefusalKind = Literal["size", "encoding", "json", "shape", "schema", "signature"]
KeyKind = Literal["server", "browser", "webhook"]


class RefusedItem(Record):
    """One item, or a whole body (without an index). It was never received: no count of what was
    received has it."""

    refusal_id: str
    route: str
    kind: RefusalKind
    field: str = Field("", description="of the item, as the answer named it")
    error: str
    index: int | None = Field(None, description="in its batch; absent for a whole body")
    key_kind: KeyKind
    received_at: Millis
    size_bytes: int = Field(ge=0)
    preview: str | None = Field(
        None, description="the item without personal details, cut off; absent for a whole body"
    )
    sealed: str | None = Field(
        None,
        description="AES-SIV, base64; JSON of the item or the body, and of its arrival; absent for "
        "a large one",
    )
    suppressed: int = Field(
        0, ge=0, description="refusals of this tenant and kind before this one that were not kept"
    )
